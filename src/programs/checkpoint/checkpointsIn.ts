import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { CheckpointError } from "../../layers/checkpoint/CheckpointStore.ts"
import { CHECKPOINT_FOLDER, readManifestFile, updatesIn } from "../../layers/checkpoint/checkpointFolder.ts"
import type { CheckpointPlace } from "../../layers/checkpoint/oneCheckpoint.ts"
import { MANIFEST_FILE, readManifest } from "../../layers/checkpoint/packedCheckpoint.ts"
import { runFolder } from "./RunFolder.ts"

/** Checkpoints that lie in one folder, by the names in it. */
export interface HeldCheckpoints {
  readonly directory: string
  /** Ascending, at least one. */
  readonly updates: ReadonlyArray<number>
  /** What they are to the run whose folder was looked at; none if the folder holds the checkpoints itself. */
  readonly part?: "checkpoints" | "milestones" | "diverged"
}

/** What was found in a folder. `run` is the folder of the run that it belongs to, if it does. */
export type CheckpointsFound =
  | ({ readonly kind: "one"; readonly run: string } & CheckpointPlace)
  | { readonly kind: "several"; readonly run: string; readonly stores: ReadonlyArray<HeldCheckpoints> }
  | { readonly kind: "runs"; readonly runs: ReadonlyArray<string> }
  | { readonly kind: "none"; readonly names: ReadonlyArray<string> }

/** A checkpoint's own name, or one that it got when it was replaced or found damaged. */
const SET_ASIDE = /^update-(\d{8,})\.damaged$/

const parts = ["checkpoints", "milestones", "diverged"] as const

/** Folders looked into for runs: a reproduction has about ten. */
const mostFolders = 200

/**
 * The checkpoints in a folder: it may be one, whatever it is called, hold several, be a run, or hold runs, at most two folders
 * below. Tensors are not opened. Fails with a `CheckpointError` if a folder's name does not tell the update and its manifest cannot be read.
 */
export const checkpointsIn = Effect.fn("checkpointsIn")(function* (
  folder: string
): Effect.fn.Return<CheckpointsFound, CheckpointError, FileSystem.FileSystem | Path.Path> {
  const { basename, dirname, resolve } = yield* Path.Path
  const whole = resolve(folder)
  const names = yield* namesIn(folder)
  const called = Number((CHECKPOINT_FOLDER.exec(basename(whole)) ?? SET_ASIDE.exec(basename(whole)))?.[1])
  if (Number.isSafeInteger(called)) return { kind: "one", folder, update: called, run: dirname(dirname(whole)) }
  if (names.includes(MANIFEST_FILE) || names.includes(TENSORS_FILE)) {
    return { kind: "one", folder, update: yield* statedUpdate(folder), run: dirname(dirname(whole)) }
  }
  const updates = updatesIn(names)
  if (updates.length > 0) return { kind: "several", run: dirname(whole), stores: [{ directory: folder, updates }] }
  const stores = yield* storesOf(folder)
  if (stores.length > 0) return { kind: "several", run: folder, stores }
  const runs = yield* runsBelow(folder, names)
  return runs.length > 0 ? { kind: "runs", runs } : { kind: "none", names }
})

/** What a folder holds; nothing if it is none, or one that cannot be read. */
const namesIn = (folder: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  FileSystem.FileSystem.use((fs) =>
    Effect.orElseSucceed(
      Effect.map(fs.readDirectory(folder), (names) => names.sort()),
      () => []
    )
  )

/** Where a run keeps checkpoints, as far as there are any. */
const storesOf = (run: string) =>
  Effect.forEach(parts, (part) => {
    const directory = runFolder(run)[part]
    return Effect.map(namesIn(directory), (names): HeldCheckpoints => ({ part, directory, updates: updatesIn(names) }))
  }).pipe(Effect.map((stores) => stores.filter(({ updates }) => updates.length > 0)))

const runsBelow = Effect.fnUntraced(function* (folder: string, names: ReadonlyArray<string>) {
  const { join } = yield* Path.Path
  const children = names.slice(0, mostFolders).map((name) => join(folder, name))
  const grandchildren = yield* Effect.forEach(children, (child) =>
    Effect.map(namesIn(child), (inside) => inside.map((name) => join(child, name)))
  )
  const candidates = [...children, ...grandchildren.flat().slice(0, mostFolders)]
  return yield* Effect.filter(candidates, (candidate) => Effect.map(storesOf(candidate), (stores) => stores.length > 0))
})

/** The update that the manifest in a folder tells. */
const statedUpdate = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const manifest = readManifest(yield* readManifestFile(fs, join, folder))
  if (Result.isSuccess(manifest)) return manifest.success.update
  return yield* new CheckpointError({ path: join(folder, MANIFEST_FILE), reason: manifest.failure })
})
