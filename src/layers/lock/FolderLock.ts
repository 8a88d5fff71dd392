import { randomUUID } from "node:crypto"
import { rmdir } from "node:fs/promises"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { type PlatformError, systemError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { explain, makeFolderSynced, remedy } from "../file/atomicWrite.ts"
import { type Change, guardedFileSystem } from "../file/guardedFileSystem.ts"
import { linkOut } from "../file/linkOut.ts"
import type { UnreadableFileError } from "../file/readBounded.ts"
import { ThisProcess } from "../machine/thisProcess.ts"
import { LockLostError } from "./LockLostError.ts"
import { type FoundLock, LockOwner, LockTimes, readLock, type Vitality } from "./LockOwner.ts"
import { takeLock } from "./takeLock.ts"

/** A folder is in use by another run that lives. */
export class FolderLockedError extends Schema.TaggedError<FolderLockedError>()("FolderLockedError", {
  folder: Schema.String,
  owner: LockOwner,
  /** Where the process could not be looked for: how long it has given no sign of life, and how long it may. */
  silence: Schema.optionalKey(Schema.Struct({ seconds: Schema.Int, most: Schema.Finite }))
}) {
  override get message(): string {
    const { process, host } = this.owner
    return `${this.folder} is in use by process ${process} on ${host}: wait until it ends, or choose another folder.${this.#rule}`
  }

  /** What decided that it lives, where that was not its process itself. */
  get #rule(): string {
    if (this.silence === undefined) return ""
    const { seconds, most } = this.silence
    const where = "Its process cannot be looked for from here."
    return seconds < -most
      ? ` ${where} Its last sign of life is dated ${-seconds} seconds ahead, so a clock was set back: if it has ended, remove ${lockFile} there.`
      : ` ${where} Its last sign of life came ${Math.max(seconds, 0)} seconds ago; after ${most} seconds of silence it counts as dead.`
  }
}

/** A lock could be neither made nor read. */
export class FolderLockError extends Schema.TaggedError<FolderLockError>()("FolderLockError", {
  path: Schema.String,
  detail: Schema.String,
  /** What the user can do about it, if it is not the system's words that say so. */
  way: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.path} cannot be locked: ${this.detail}. ${this.way ?? remedy(this.detail)}`
  }
}

/** Name of the lock file in its folder. */
export const lockFile = "run.lock"

/** A folder that this process holds. */
export class FolderLock extends Context.Service<
  FolderLock,
  {
    readonly folder: string
    /**
     * Looks whether the folder is still held: it is the same one, and the lock in it is this process's own. Once it is not,
     * it never is again.
     */
    readonly check: Effect.Effect<void, LockLostError | UnreadableFileError | PlatformError>
    /** Fails when the loss of the folder has been noticed, by a check or at a beat; until then it waits. */
    readonly lost: Effect.Effect<never, LockLostError>
    /** What the layer's `FileSystem` asks before every change, for one that was made before. */
    readonly permit: (change: Change) => Effect.Effect<void, PlatformError>
    /** The file system as it was before folders were held. */
    readonly plainFiles: FileSystem.FileSystem
  }
>()("fovea/layers/FolderLock") {}

/**
 * Holds a folder for one process at a time, as long as the layer lives: two runs that save into one folder would destroy
 * each other's checkpoints. A holder that died does not matter: on this machine, since it started, its process is looked
 * for; on another, in another container or before a restart its silence counts. The folder is made if need be, and the lock
 * file removed at the end, as are folders that were made for nothing.
 *
 * The layer also gives a `FileSystem` that looks before every change whether the folder is still held, and refuses it if not:
 * a holder that was stopped for so long that it was taken over writes nothing more, whatever it writes by. What lies between
 * that look and the change itself is one call of the system's. Nor does this file system change anything by a path of the
 * folder that a link leads out of it.
 *
 * Fails with a `FolderLockedError` while another holds it, with a `FolderLockError` if the file system refuses, or what is at
 * the lock's path is no ordinary file. See `holdFolder` for an effect that ends when the folder is lost.
 */
export const layerFolderLock = (
  folder: string
): Layer.Layer<
  FolderLock | FileSystem.FileSystem,
  FolderLockedError | FolderLockError,
  FileSystem.FileSystem | Path.Path
> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const paths = yield* Path.Path
      const outer = yield* Effect.serviceOption(FolderLock)
      const plainFiles = Option.match(outer, { onNone: () => fs, onSome: (lock) => lock.plainFiles })
      const { beat, silence } = yield* LockTimes
      const path = `${folder}/${lockFile}`
      const owner: LockOwner = { id: randomUUID(), ...(yield* ThisProcess) }
      const failed = (error: UnreadableFileError | PlatformError) =>
        new FolderLockError({
          path,
          detail: explain(error),
          ...(error._tag === "UnreadableFileError" && { way: "Remove it, or choose another folder." })
        })

      const made = yield* makeFolderSynced(fs, paths.dirname, folder).pipe(
        Effect.mapError((error) =>
          error.reason._tag === "NotFound"
            ? new FolderLockError({
                path,
                detail: explain(error),
                way: "Nothing can be made there: choose another folder."
              })
            : failed(error)
        )
      )
      // What was refused before it wrote anything leaves no trace. Not `fs.remove`, which asks whether a folder is empty before it
      // removes what may have come in between.
      for (const one of made) yield* Effect.addFinalizer(() => Effect.ignore(Effect.tryPromise(() => rmdir(one))))
      const home = yield* Effect.mapError(fs.stat(folder), failed)
      // Before it is opened: a pipe would wait for its other end.
      if (home.type !== "Directory") {
        return yield* new FolderLockError({ path, detail: `${folder} is no folder`, way: "Choose another folder." })
      }
      // An open folder keeps its number, which so says whether it is still the same one.
      if (process.platform !== "win32") yield* Effect.mapError(fs.open(folder, { flag: "r" }), failed)

      const lost = yield* Deferred.make<never, LockLostError>()
      const look = Effect.gen(function* () {
        const now = yield* plainFiles.stat(folder).pipe(
          Effect.map(Option.some),
          Effect.catchIf(
            ({ reason }) => reason._tag === "NotFound",
            () => Effect.succeedNone
          )
        )
        const lock = yield* readLock(plainFiles, path)
        const found = whatIsLost(
          owner.id,
          lock,
          Option.map(now, (info) => isSameFolder(info, home))
        )
        if (found !== undefined) yield* Deferred.fail(lost, new LockLostError({ folder, found }))
      })
      const check = Effect.gen(function* () {
        if (!Deferred.isDoneUnsafe(lost)) yield* look
        if (Deferred.isDoneUnsafe(lost)) yield* Deferred.await(lost)
      })
      yield* Effect.addFinalizer(() =>
        Effect.ignore(
          Effect.andThen(
            check,
            Effect.suspend(() => plainFiles.remove(path))
          )
        )
      )
      const touch = yield* takeLock(fs, path, owner).pipe(
        Effect.catchTags({
          HeldError: ({ owner, vitality }) => Effect.fail(lockedBy(folder, owner, vitality, silence)),
          UnsettledError: () => Effect.fail(new FolderLockError({ path, detail: unsettled })),
          PlatformError: (error) => Effect.fail(failed(error)),
          UnreadableFileError: (error) => Effect.fail(failed(error))
        })
      )
      yield* lossOf(check).pipe(
        Effect.andThen(Effect.ignore(touch)),
        Effect.delay(beat),
        Effect.forever,
        Effect.ignore,
        Effect.forkScoped
      )

      const refusal = ({ method, path: target }: Change, cause: unknown) =>
        systemError({ _tag: "PermissionDenied", module: "FolderLock", method, pathOrDescriptor: target, cause })
      const permit = Effect.fnUntraced(function* (change: Change) {
        const out = yield* linkOut(plainFiles, paths, folder, change.path, change.through)
        if (out !== undefined) return yield* refusal(change, new Error(out))
        // The last thing before the change itself.
        yield* Effect.mapError(check, (error) => (error._tag === "PlatformError" ? error : refusal(change, error)))
      })
      const lock = FolderLock.of({ folder, check, lost: Deferred.await(lost), permit, plainFiles })
      return Context.make(FolderLock, lock).pipe(Context.add(FileSystem.FileSystem, guardedFileSystem(fs, permit)))
    })
  )

/**
 * Runs an effect while it holds a folder (see `layerFolderLock`), with the file system that refuses changes once the folder is
 * lost. The effect is interrupted then, and whatever it ended with, this fails with the `LockLostError`.
 */
export const holdFolder =
  (folder: string) =>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<
    A,
    E | FolderLockedError | FolderLockError | LockLostError,
    Exclude<R, FolderLock | FileSystem.FileSystem> | FileSystem.FileSystem | Path.Path
  > =>
    Effect.gen(function* () {
      const { check, lost } = yield* FolderLock
      return yield* Effect.raceFirst(effect, lost).pipe(
        Effect.catchCause((cause) => Effect.andThen(lossOf(check), Effect.failCause(cause)))
      )
    }).pipe(Effect.provide(layerFolderLock(folder), { local: true }))

/** Fails if a folder is lost for certain. What the system refused says nothing of that. */
const lossOf = (check: FolderLock["Service"]["check"]): Effect.Effect<void, LockLostError> =>
  Effect.catchTags(check, { PlatformError: () => Effect.void, UnreadableFileError: () => Effect.void })

const unsettled = "it changes hands again and again, and never stays free"

const lockedBy = (folder: string, owner: LockOwner, vitality: Vitality, silence: Duration.Duration) => {
  if (vitality.rule === "process") return new FolderLockedError({ folder, owner })
  const seconds = Math.round(vitality.silentMillis / 1000)
  return new FolderLockedError({ folder, owner, silence: { seconds, most: Duration.toSeconds(silence) } })
}

/** What is in the place of a lock of this id; nothing if it is where it was put. `same`: whether its folder is; none if there is none. */
const whatIsLost = (id: string, lock: FoundLock, same: Option.Option<boolean>): LockLostError["found"] | undefined => {
  if (Option.isNone(same)) return { _tag: "NoFolder" }
  const other = lock.kind === "held" && lock.owner.id !== id ? lock.owner : undefined
  if (!same.value) return { _tag: "OtherFolder", ...(other && { owner: other }) }
  if (other !== undefined) return { _tag: "Taken", owner: other }
  return lock.kind === "held" ? undefined : { _tag: "Removed" }
}

const isSameFolder = (now: FileSystem.File.Info, before: FileSystem.File.Info): boolean =>
  now.dev === before.dev && Option.getOrUndefined(now.ino) === Option.getOrUndefined(before.ino)
