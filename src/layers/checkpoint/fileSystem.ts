import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { type HeldCheckpoint, type Retention, retained } from "../../domain/checkpoint/retention.ts"
import { explain, makeFolderSynced, syncFolder, writeSynced } from "../file/atomicWrite.ts"
import { type Checkpoint, CheckpointError, type CheckpointReason, CheckpointStore } from "./CheckpointStore.ts"
import {
  CHECKPOINT_FOLDER,
  folderName,
  REPLACED,
  readCheckpointFolder,
  readManifestFile,
  updatesIn
} from "./checkpointFolder.ts"
import { newestOf, type OnDamage } from "./newest.ts"
import {
  MANIFEST_FILE,
  type OnNotFinite,
  type PackedCheckpoint,
  packCheckpoint,
  readManifest
} from "./packedCheckpoint.ts"

/** Where the checkpoints of a run lie, and how many. */
export interface FileSystemOptions {
  /** The folder of the checkpoints; the first save makes it. */
  readonly directory: string
  /**
   * Which checkpoints stay: this many of the highest updates (3 if not given), or those that a rule covers; and always the one
   * just saved.
   */
  readonly keep?: number | Retention | undefined
  /**
   * What `latest` does about a damaged newest checkpoint: `stop` (if not given) fails and names the newest intact one,
   * `fallback` takes that one, with a warning; the next save then renames the damaged ones to `update-00000500.damaged`.
   */
  readonly onDamage?: OnDamage | undefined
  /** What it does about states that are not finite: `refuse` if not given. */
  readonly onNotFinite?: OnNotFinite | undefined
}

/** What is put behind the name of a damaged checkpoint that a run did not go on from: `list` does not see it. */
const DAMAGED = ".damaged"
const aside = (folder: string): string => folder + REPLACED

/** Folders being written or removed. After a crash they are left over, and the next save removes them. */
const SCRATCH = /^\.(saving|removing)-/

/**
 * Checkpoints as folders `update-00000500/` with `manifest.json` and `tensors.safetensors`.
 *
 * A folder is written under a temporary name, its files and itself synced, then renamed into place and the parent
 * synced; so a folder that carries a checkpoint's name is complete. One that it replaces is first renamed to
 * `update-00000500.replaced`, which readers take if they find no other: there is no moment without either.
 * Two processes must not save into one directory at a time.
 *
 * Fails with a `CheckpointError` if `keep`, or a number in it, is not a positive integer.
 */
export const layerFileSystem = ({
  directory,
  keep = 3,
  onDamage = "stop",
  onNotFinite = "refuse"
}: FileSystemOptions): Layer.Layer<CheckpointStore, CheckpointError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    CheckpointStore,
    Effect.gen(function* () {
      const rule = yield* checkedRetention(directory, keep)
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const turn = yield* Semaphore.make(1)
      const store = makeFolder(fs, path, directory, rule, onNotFinite)
      return CheckpointStore.of({
        location: directory,
        save: Effect.fn("CheckpointStore.save")(store.save, turn.withPermit, Effect.uninterruptible),
        list: turn.withPermit(store.list),
        load: Effect.fn("CheckpointStore.load")(store.load, turn.withPermit),
        latest: turn.withPermit(newestOf(store.list, store.load, onDamage === "fallback" ? store : undefined))
      })
    })
  )

/** The rule that `keep` means. Fails with a `CheckpointError` if a number in it is not a positive integer. */
export const checkedRetention = (path: string, keep: number | Retention): Effect.Effect<Retention, CheckpointError> => {
  const rule: Retention = typeof keep === "number" ? { last: keep } : keep
  for (const [part, count] of [
    ["keep", rule.last],
    ["keep.every", rule.every ?? 1]
  ] as const) {
    if (Number.isSafeInteger(count) && count >= 1) continue
    const detail = `${part} must be a positive integer, not ${count}`
    return Effect.fail(new CheckpointError({ path, reason: { _tag: "Unwritable", detail } }))
  }
  return Effect.succeed(rule)
}

/** The operations, not yet protected from one another. */
const makeFolder = (
  fs: FileSystem.FileSystem,
  { dirname, join }: Path.Path,
  directory: string,
  rule: Retention,
  onNotFinite: OnNotFinite
) => {
  // Only the first save makes the folder: one that vanishes later took the run's checkpoints along, and that is an error.
  let made = false
  const failure = (path: string, reason: CheckpointReason) => new CheckpointError({ path, reason })
  const unwritable = (path: string) => (error: PlatformError) =>
    failure(path, { _tag: "Unwritable", detail: explain(error) })
  const unreadable = (path: string) => (error: PlatformError) =>
    failure(path, { _tag: "Unreadable", detail: explain(error) })

  const list = fs.readDirectory(directory).pipe(
    Effect.catchIf(isNotFound, () => Effect.succeed([])),
    Effect.mapBoth({ onSuccess: updatesIn, onFailure: unreadable(directory) })
  )

  const load = Effect.fnUntraced(function* (update: number): Effect.fn.Return<Checkpoint, CheckpointError> {
    const target = join(directory, folderName(update))
    // Looked for twice: between the first two looks another process may have put the new folder in place.
    for (const folder of [target, aside(target), target]) {
      if (!(yield* Effect.mapError(fs.exists(folder), unreadable(folder)))) continue
      return yield* readCheckpointFolder(fs, join, folder, update, onNotFinite)
    }
    return yield* failure(directory, { _tag: "NotFound", update, held: yield* list })
  })

  /** Removes a folder in one step as far as readers can see. What is left over costs space, not correctness. */
  const discard = (folder: string) =>
    Effect.gen(function* () {
      if (!(yield* fs.exists(folder))) return
      const scratch = join(directory, `.removing-${randomUUID()}`)
      yield* fs.rename(folder, scratch)
      yield* fs.remove(scratch, { recursive: true })
    }).pipe(Effect.catch((error) => Effect.logWarning(`${folder} cannot be removed: ${explain(error)}`)))

  /** Clears up after a process that was killed in a save: scratch folders, and a replaced one still set aside. */
  const sweep = Effect.gen(function* () {
    // Where there is no folder, nothing is to be cleared up.
    const names = yield* Effect.catchIf(fs.readDirectory(directory), isNotFound, () => Effect.succeed([]))
    for (const name of names) {
      const found = join(directory, name)
      if (SCRATCH.test(name)) yield* fs.remove(found, { recursive: true, force: true })
      if (!CHECKPOINT_FOLDER.test(name) || !name.endsWith(REPLACED)) continue
      const folder = found.slice(0, -REPLACED.length)
      if (yield* fs.exists(folder)) yield* discard(found)
      else yield* fs.rename(found, folder)
    }
  }).pipe(Effect.catch((error) => Effect.logWarning(`${directory} cannot be tidied: ${explain(error)}`)))

  // Set aside by the next save, not at once: who only reads leaves everything as it is.
  let damaged: ReadonlyArray<number> = []
  const passedOver = (updates: ReadonlyArray<number>): void => {
    damaged = updates
  }
  const setAside = Effect.gen(function* () {
    for (const update of damaged) {
      const folder = join(directory, folderName(update))
      if (!(yield* fs.exists(folder))) continue
      yield* fs.remove(folder + DAMAGED, { recursive: true, force: true })
      yield* fs.rename(folder, folder + DAMAGED)
    }
    damaged = []
  }).pipe(Effect.catch((error) => Effect.logWarning(`damaged checkpoints cannot be set aside: ${explain(error)}`)))

  const write = Effect.fnUntraced(function* (staging: string, packed: PackedCheckpoint) {
    yield* fs.makeDirectory(staging)
    yield* writeSynced(fs, join(staging, TENSORS_FILE), packed.tensors)
    yield* writeSynced(fs, join(staging, MANIFEST_FILE), packed.manifest)
    yield* syncFolder(fs, staging)
  })

  const place = Effect.fnUntraced(function* (staging: string, target: string) {
    if (yield* fs.exists(target)) yield* fs.rename(target, aside(target))
    yield* fs.rename(staging, target)
    yield* syncFolder(fs, directory)
  })

  /** The metrics of checkpoints, as their manifests tell them; read once. */
  const metricsOf = new Map<number, HeldCheckpoint["metrics"]>()
  const heldOf = Effect.fnUntraced(function* (update: number) {
    const known = metricsOf.get(update)
    if (known !== undefined || rule.best === undefined) return { update, metrics: known ?? {} }
    const manifest = yield* Effect.option(readManifestFile(fs, join, join(directory, folderName(update))))
    const metrics = Option.match(Option.flatMap(Option.map(manifest, readManifest), Result.getSuccess), {
      onNone: () => ({}),
      onSome: ({ metrics }) => metrics
    })
    metricsOf.set(update, metrics)
    return { update, metrics }
  })

  /** Removes what the rule does not cover. `saved` stays even if higher updates exist: the run may have gone back. */
  const prune = (saved: number) =>
    Effect.gen(function* () {
      const held = yield* Effect.forEach(yield* list, heldOf)
      const stay = retained(rule, held)
      for (const { update } of held) {
        if (update === saved || stay.has(update)) continue
        yield* discard(join(directory, folderName(update)))
        metricsOf.delete(update)
      }
    }).pipe(Effect.catch((error) => Effect.logWarning(error.message)))

  const save = Effect.fnUntraced(function* (checkpoint: Checkpoint) {
    const { update } = checkpoint.description
    const target = join(directory, folderName(update))
    const packed = yield* Effect.fromResult(packCheckpoint(checkpoint, onNotFinite)).pipe(
      Effect.mapError((detail) => failure(target, { _tag: "Unwritable", detail }))
    )
    if (!made) {
      yield* Effect.mapError(makeFolderSynced(fs, dirname, directory), unwritable(directory))
      made = true
    }
    yield* sweep
    yield* setAside
    const staging = join(directory, `.saving-${folderName(update)}-${randomUUID()}`)
    yield* write(staging, packed).pipe(
      Effect.andThen(place(staging, target)),
      Effect.onError(() => Effect.ignore(fs.remove(staging, { recursive: true, force: true }))),
      Effect.mapError(unwritable(target))
    )
    metricsOf.set(update, checkpoint.description.metrics)
    yield* discard(aside(target))
    yield* prune(update)
    return { update, path: target }
  })

  return { save, list, load, passedOver }
}

const isNotFound = (error: PlatformError): boolean => error.reason._tag === "NotFound"
