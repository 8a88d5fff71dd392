import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { isLeftBehind } from "../../domain/text/fileNames.ts"

/**
 * Fails with a `SettingsError` if what a run writes to `out` would be among the images that it learns from. A hidden folder among
 * them is none of their classes.
 */
export const apartFromData = Effect.fnUntraced(function* (dataset: DatasetSettings, out: string) {
  if (dataset.kind !== "folder") return
  const fs = yield* FileSystem.FileSystem
  const { dirname, join, relative, resolve, isAbsolute, sep } = yield* Path.Path
  /** Without links, as far as the path is there. */
  const realPath = (path: string): Effect.Effect<string> =>
    fs
      .realPath(path)
      .pipe(
        Effect.catch(() =>
          dirname(path) === path
            ? Effect.succeed(path)
            : Effect.map(realPath(dirname(path)), (folder) => join(folder, relative(dirname(path), path)))
        )
      )
  const below = relative(yield* realPath(resolve(dataset.directory)), yield* realPath(resolve(out)))
  const parts = below.split(sep)
  if (isAbsolute(below) || parts[0] === ".." || parts.some(isLeftBehind)) return
  const problem = `${out} lies in the folder of the images, ${dataset.directory}, where what the run writes would be taken for data: choose a folder outside of it`
  return yield* new SettingsError({ field: "--out", problem })
})
