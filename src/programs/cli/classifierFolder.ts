import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { checkpointsIn } from "../checkpoint/checkpointsIn.ts"

/**
 * The folder of the classifier that `--classifier` names, by itself, by its checkpoint or by one of the two files in that. Where
 * nothing is yet, one will be trained; so a run's folder is refused, which a classifier would be trained into.
 */
export const classifierFolder = Effect.fnUntraced(function* (given: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, resolve } = yield* Path.Path
  const failed = (problem: string) => new SettingsError({ field: "--classifier", problem })
  const info = yield* Effect.option(fs.stat(given))
  if (Option.isNone(info)) return given
  const folder = info.value.type === "Directory" ? given : dirname(given)
  const found = yield* checkpointsIn(folder)
  if (found.kind === "one") return dirname(resolve(folder))
  if (info.value.type !== "Directory") return yield* failed(`${given} is a file, not the folder of a classifier`)
  if (found.kind === "runs") return yield* failed(`${given} holds runs: name the folder of a classifier, or a new one`)
  if (found.kind === "several" && found.stores.some(({ part }) => part !== undefined)) {
    return yield* failed(`${given} is the folder of a run: name that of a classifier, or a new one`)
  }
  return given
})
