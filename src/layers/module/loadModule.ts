import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { requireFile } from "../file/readBounded.ts"

/** A module of one's own that cannot be loaded, or does not export what it should. */
export class ModuleError extends Schema.TaggedError<ModuleError>()("ModuleError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

/** A module that takes longer is waited for, with a word about it: it may be fetching its data, or never come to an end. */
const patience = "10 seconds"

/**
 * What a module (`.ts`, `.js`, `.mjs`) exports by default, or `undefined` if it exports nothing so. Its code is run: load only what
 * the user names. Fails with a `ModuleError` that says why, in one line, if there is no such file or its code throws. While it takes long, a
 * warning to Effect's logger says so.
 */
export const loadModule = Effect.fn("loadModule")(function* (
  path: string
): Effect.fn.Return<unknown, ModuleError, Path.Path | FileSystem.FileSystem> {
  const [fs, { resolve, toFileUrl }] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const failed = (problem: string) => new ModuleError({ path, problem })
  const url = yield* Effect.mapError(toFileUrl(resolve(path)), () => failed("this is no path of a file"))
  const found = yield* Effect.mapError(fs.stat(path), () => failed("there is no such file"))
  // A pipe would be waited for without end.
  yield* Effect.mapError(requireFile(path, found), ({ problem }) => failed(problem))
  const loading = Effect.tryPromise({
    try: (): Promise<unknown> => import(url.href),
    catch: (cause) => failed(problemOf(cause, url.href))
  })
  const telling = Effect.logWarning(
    `${path}: it is still being loaded. Ctrl-C ends it, should an await at its top never come to an end.`
  ).pipe(Effect.delay(patience), Effect.andThen(Effect.never))
  const loaded = yield* Effect.raceFirst(loading, telling)
  return typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined
})

/** What a value is, in words for a message: `nothing`, `null`, `an array`, `a number`. */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return "nothing"
  if (value === null) return "null"
  if (Array.isArray(value)) return "an array"
  return value instanceof Promise ? "a promise" : `${typeof value === "object" ? "an" : "a"} ${typeof value}`
}

const problemOf = (cause: unknown, href: string): string => {
  if (!(cause instanceof Error)) return `it throws ${wordsOf(cause)}`
  const code = "code" in cause ? cause.code : undefined
  const [line = ""] = cause.message.split("\n")
  if (code === "ERR_MODULE_NOT_FOUND") {
    return "url" in cause && cause.url === href ? "there is no such file" : `it imports what is not there: ${line}`
  }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return /\.m?ts$/.test(href)
      ? `this Node, ${process.version}, does not read TypeScript: use Node 22.19 or newer, or give a .js file`
      : "expected a module: a file ending in .ts, .mts, .js or .mjs"
  }
  return cause instanceof SyntaxError ? `it is no module: ${line}` : `it cannot be loaded: ${cause.name}: ${line}`
}

/** What was thrown, as text; an object may refuse to be one. */
export const wordsOf = (thrown: unknown): string => {
  try {
    return String(thrown)
  } catch {
    return kindOf(thrown)
  }
}
