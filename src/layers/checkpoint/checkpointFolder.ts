import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { explain } from "../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded, type UnreadableFileError } from "../file/readBounded.ts"
import { type Checkpoint, CheckpointError } from "./CheckpointStore.ts"
import {
  MANIFEST_FILE,
  type OnNotFinite,
  type PackedFault,
  tensorsFit,
  unpackManifest,
  unpackTensors
} from "./packedCheckpoint.ts"

/** The name of a checkpoint's folder, `update-00000500`, and of one that was set aside while another took its place. */
export const CHECKPOINT_FOLDER = /^update-(\d{8,})(\.replaced)?$/

/** What is put behind the name of a checkpoint that is replaced, while the new one takes its place. */
export const REPLACED = ".replaced"

/** The name of the folder of the checkpoint of an update. */
export const folderName = (update: number): string => `update-${String(update).padStart(8, "0")}`

/** The updates of which there are checkpoints in a folder, ascending, by the names in it. */
export const updatesIn = (names: ReadonlyArray<string>): ReadonlyArray<number> => {
  const updates = new Set<number>()
  for (const name of names) {
    const update = Number(CHECKPOINT_FOLDER.exec(name)?.[1])
    if (!Number.isSafeInteger(update)) continue
    const folder = folderName(update)
    // A name with needless zeros is not ours: `load` would look for it under another name.
    if (name === folder || name === folder + REPLACED) updates.add(update)
  }
  return [...updates].sort((left, right) => left - right)
}

/** What a manifest may have: settings and metrics take some kilobytes. */
export const MAX_MANIFEST_BYTES = 4_000_000

/** The checkpoint that lies in a folder, which must be of that update. Fails with the path of the file at fault. */
export const readCheckpointFolder = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  join: Path.Path["join"],
  folder: string,
  update: number,
  onNotFinite: OnNotFinite = "refuse"
): Effect.fn.Return<Checkpoint, CheckpointError> {
  const checked = <A>(result: Result.Result<A, PackedFault>): Effect.Effect<A, CheckpointError> =>
    Effect.fromResult(
      Result.mapError(result, ({ file, reason }) => new CheckpointError({ path: join(folder, file), reason }))
    )
  const tensorsPath = join(folder, TENSORS_FILE)
  const text = yield* readManifestFile(fs, join, folder)
  const manifest = yield* checked(unpackManifest(update, text))
  // Before it is read: the manifest alone decides how much memory it may take.
  const { size } = yield* ownFile(fs, tensorsPath, fs.stat)
  yield* checked(tensorsFit(manifest, Number(size)))
  const bytes = yield* ownFile(fs, tensorsPath, (path) => readBounded(fs, path, MAX_FILE_BYTES))
  return yield* checked(unpackTensors(manifest, bytes, onNotFinite))
})

/** The manifest in a checkpoint's folder, as its bytes. */
export const readManifestFile = (
  fs: FileSystem.FileSystem,
  join: Path.Path["join"],
  folder: string
): Effect.Effect<Uint8Array, CheckpointError> =>
  ownFile(fs, join(folder, MANIFEST_FILE), (path) => readBounded(fs, path, MAX_MANIFEST_BYTES))

/** What is asked of one of a checkpoint's files. A checkpoint lies whole in its folder: a link in it is not one of ours. */
const ownFile = Effect.fnUntraced(function* <A>(
  fs: FileSystem.FileSystem,
  path: string,
  ask: (path: string) => Effect.Effect<A, PlatformError | UnreadableFileError>
): Effect.fn.Return<A, CheckpointError> {
  if (yield* Effect.isSuccess(fs.readLink(path))) {
    return yield* new CheckpointError({ path, reason: { _tag: "Damaged", expected: "a file", found: "a link" } })
  }
  return yield* Effect.mapError(ask(path), (error) => {
    if (error._tag === "PlatformError" && error.reason._tag === "NotFound") {
      return new CheckpointError({ path, reason: { _tag: "Damaged", expected: "this file", found: "none" } })
    }
    return new CheckpointError({ path, reason: { _tag: "Unreadable", detail: explain(error) } })
  })
})
