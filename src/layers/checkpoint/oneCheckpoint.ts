import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { CheckpointError, CheckpointStore } from "./CheckpointStore.ts"
import { readCheckpointFolder } from "./checkpointFolder.ts"

/** The folder of a checkpoint, whatever it is called, and the update that it is to be of. */
export interface CheckpointPlace {
  readonly folder: string
  readonly update: number
}

/** A store that holds this one checkpoint and takes no other: for who names a checkpoint among several. */
export const layerOneCheckpoint = ({
  folder,
  update
}: CheckpointPlace): Layer.Layer<CheckpointStore, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    CheckpointStore,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { join } = yield* Path.Path
      const only = readCheckpointFolder(fs, join, folder, update)
      return CheckpointStore.of({
        location: folder,
        list: Effect.succeed([update]),
        load: (asked) =>
          asked === update
            ? only
            : new CheckpointError({ path: folder, reason: { _tag: "NotFound", update: asked, held: [update] } }),
        latest: Effect.map(only, Option.some),
        save: () => {
          const detail = "it is read as it is, and nothing is saved beside it"
          return new CheckpointError({ path: folder, reason: { _tag: "Unwritable", detail } })
        }
      })
    })
  )
