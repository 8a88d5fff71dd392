import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"

/** The folder of checkpoints that `--checkpoint` means: a run keeps its own in a folder of that name. */
export const checkpointFolder = Effect.fnUntraced(function* (given: string) {
  const fs = yield* FileSystem.FileSystem
  const inner = `${given}/checkpoints`
  const exists = (path: string) => Effect.orElseSucceed(fs.exists(path), () => false)
  if (!(yield* exists(given))) {
    return yield* new SettingsError({ field: "--checkpoint", problem: `there is no folder ${given}` })
  }
  return (yield* exists(inner)) ? inner : given
})
