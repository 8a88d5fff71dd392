import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { decodeSafetensors } from "../../domain/checkpoint/safetensors.ts"
import { importedTensors } from "../../domain/exchange/importedTensors.ts"
import { type CheckpointError, CheckpointStore, type SavedCheckpoint } from "../../layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../../layers/file/readBounded.ts"
import { NoCheckpointError } from "../checkpoint/openCheckpoint.ts"
import { libraryVersion } from "../libraryVersion.ts"

/** Parameters from elsewhere cannot be taken over. `path` is the file or folder at fault. */
export class ImportError extends Schema.TaggedError<ImportError>()("ImportError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be imported: ${this.problem}`
  }
}

/** What is imported, and where to. */
export interface ImportOptions {
  /** A safetensors file with tensors under the names of checkpoints. */
  readonly parameters: string
  /** The folder of the new checkpoint's store, which must hold no checkpoints. */
  readonly directory: string
  /** Whether float64 numbers may be rounded to float32 ones. */
  readonly rounding: boolean
}

/**
 * Makes a checkpoint out of parameters that another program wrote: the `CheckpointStore`'s newest checkpoint says what
 * model and run they belong to, and gives whatever the file does not hold (see `importedTensors`). The new checkpoint
 * is in a store of its own, is of the same update, and has no metrics, since none were measured of it.
 * Fails with an `ImportError` that names the tensor at fault, or says why the file is no safetensors file.
 */
export const importParameters = Effect.fn("Exchange.importParameters")(function* ({
  parameters,
  directory,
  rounding
}: ImportOptions): Effect.fn.Return<
  SavedCheckpoint,
  ImportError | NoCheckpointError | CheckpointError,
  CheckpointStore | FileSystem.FileSystem | Path.Path
> {
  const refused = (path: string) => (problem: string) => new ImportError({ path, problem })
  const fs = yield* FileSystem.FileSystem
  const store = yield* CheckpointStore
  const found = yield* store.latest
  if (Option.isNone(found)) return yield* new NoCheckpointError({ location: store.location })
  // Where the other program computed, nobody says.
  const { environment: _environment, ...description } = found.value.description
  const { tensors } = found.value

  const bytes = yield* Effect.mapError(readBounded(fs, parameters, MAX_FILE_BYTES), (error) =>
    refused(parameters)(explain(error))
  )
  const given = yield* Effect.fromResult(decodeSafetensors(bytes)).pipe(
    Effect.mapError(({ message }) => refused(parameters)(message))
  )
  const imported = yield* Effect.fromResult(importedTensors(tensors, given.tensors, { rounding })).pipe(
    Effect.mapError(({ _tag, message }) => {
      const advice = _tag === "RoundingNeeded" ? "; --allow-rounding takes the nearest one" : ""
      return refused(parameters)(`${message}${advice} (the model of ${store.location})`)
    })
  )
  const createdAt = DateTime.formatIso(yield* DateTime.now)
  const library = { name: "fovea", version: libraryVersion }
  return yield* Effect.gen(function* () {
    const target = yield* CheckpointStore
    const held = yield* target.list
    if (held.length > 0) {
      return yield* refused(directory)(`it holds checkpoints of updates ${held.join(", ")}; name another folder`)
    }
    return yield* target.save({ description: { ...description, library, metrics: {}, createdAt }, tensors: imported })
  }).pipe(Effect.provide(layerFileSystem({ directory }), { local: true }))
})
