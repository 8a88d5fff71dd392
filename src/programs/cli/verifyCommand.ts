import { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { filesSummary, filesTable } from "../verify/FileState.ts"
import { verifyFolder } from "../verify/verifyFolder.ts"
import { announce, jsonFlag, printReport } from "./flags.ts"
import { pathArgument } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** Something in a folder is not what was written. */
class DamageFoundError extends Schema.TaggedError<DamageFoundError>()("DamageFoundError", {
  folder: Schema.String,
  paths: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const [first = "", ...others] = this.paths
    const more = others.length === 0 ? "" : ` and ${others.length} more`
    return `In ${this.folder} this is damaged: ${first}${more}`
  }
}

/** `fovea verify`. */
export const verifyCommand = Command.make(
  "verify",
  { folder: pathArgument("folder"), json: jsonFlag },
  ({ folder, json }) =>
    Effect.gen(function* () {
      yield* announce(json, `Reading every file below ${folder}`)
      const files = yield* verifyFolder(folder)
      const table = files.length === 0 ? [] : [filesTable(files)]
      yield* printReport(json, { folder, files }, [...table, filesSummary(files)].join("\n"))
      const paths = files.filter(({ state }) => state === "damaged").map(({ path }) => path)
      if (paths.length > 0) return yield* new DamageFoundError({ folder, paths })
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Check every file of a run, a reproduction, a classifier or a data set, and say what state it is in; fails if any is damaged."
  )
)
