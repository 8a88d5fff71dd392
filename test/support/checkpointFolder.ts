import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { Retention } from "../../src/domain/checkpoint/retention.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"

/** A new, empty folder. */
export const temporaryFolder = FileSystem.FileSystem.use((fs) =>
  fs.makeTempDirectoryScoped({ prefix: "fovea-checkpoints-" })
)

/** A new store on `directory`, as a restarted process would open it. */
export const open = (directory: string, keep?: number | Retention) =>
  Effect.provide(CheckpointStore, layerFileSystem({ directory, keep }), { local: true })

/** Runs a test in a temporary folder of its own. */
export const inFolder = <A, E>(
  test: (directory: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* temporaryFolder, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** The two files of the checkpoint of update 1. */
export const MANIFEST = "update-00000001/manifest.json"
export const TENSORS = "update-00000001/tensors.safetensors"
