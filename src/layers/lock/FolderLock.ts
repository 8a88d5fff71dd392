import { randomUUID } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { explain, remedy } from "../file/atomicWrite.ts"

/** Who holds a folder: the content of its lock file. */
export const LockOwner = Schema.Struct({
  /** Unlike every other holder's, ever. */
  id: Schema.String,
  process: Schema.Int,
  host: Schema.String,
  /** When its process began, as the system counts it, where it tells; process numbers are used again. */
  began: Schema.optionalKey(Schema.String),
  /**
   * Where its process number means something: this start of this machine, this space of process numbers (a container has
   * its own), where the system tells. Not looked for from anywhere else, even under the same name.
   */
  space: Schema.optionalKey(Schema.String)
})
export type LockOwner = typeof LockOwner.Type

/** A folder is in use by another run that lives. */
export class FolderLockedError extends Schema.TaggedError<FolderLockedError>()("FolderLockedError", {
  folder: Schema.String,
  owner: LockOwner
}) {
  override get message(): string {
    const { process, host, space } = this.owner
    const unseen = host !== hostname() || space !== ownSpace().space
    const death = unseen ? ` If it was cut off, it counts as dead after ${silenceSeconds} seconds of silence.` : ""
    return `${this.folder} is in use by process ${process} on ${host}: wait until it ends, or choose another folder.${death}`
  }
}

/** A lock could be neither made nor read. */
export class FolderLockError extends Schema.TaggedError<FolderLockError>()("FolderLockError", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be locked: ${this.detail}. ${remedy(this.detail)}`
  }
}

/** Name of the lock file in its folder. */
export const lockFile = "run.lock"

/** A holder shows that it lives so often, and counts as dead on another host after so long a silence. */
const heartbeatSeconds = 10
const silenceSeconds = 60

/** Attempts to take over from holders that died, before giving up on a folder that changes hands all the time. */
const attempts = 50

/** How long to wait for another process that is removing a dead holder's lock. */
const busyMillis = 20

/**
 * Holds a folder for one process at a time, as long as the layer lives: two runs that save into one folder would destroy
 * each other's checkpoints. A holder that died does not matter: on this machine, since it started, its process is looked
 * for; on another, in another container or before a restart its silence counts. The folder is made if need be, and the lock file removed at the end.
 * Fails with a `FolderLockedError` while another holds it, with a `FolderLockError` if the file system refuses.
 */
export const layerFolderLock = (
  folder: string
): Layer.Layer<never, FolderLockedError | FolderLockError, FileSystem.FileSystem> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${folder}/${lockFile}`
      const failed = (error: PlatformError) => new FolderLockError({ path, detail: explain(error) })
      const owner: LockOwner = {
        id: randomUUID(),
        process: process.pid,
        host: hostname(),
        ...beganOf(process.pid),
        ...ownSpace()
      }
      const text = JSON.stringify(owner)
      yield* Effect.mapError(fs.makeDirectory(folder, { recursive: true }), failed)

      // Made whole under another name and linked to its own: nobody reads half of it.
      const take = Effect.gen(function* () {
        const made = `${path}.${owner.id}`
        yield* fs.writeFileString(made, text)
        yield* Effect.ensuring(fs.link(made, path), Effect.ignore(fs.remove(made)))
        return true
      }).pipe(
        Effect.catchIf(
          ({ reason }) => reason._tag === "AlreadyExists",
          () => Effect.succeed(false)
        ),
        Effect.mapError(failed)
      )
      const release = Effect.gen(function* () {
        if (Option.exists(yield* readOwner(fs, path), ({ id }) => id === owner.id)) yield* fs.remove(path)
      }).pipe(Effect.ignore)

      yield* Effect.acquireRelease(
        Effect.gen(function* () {
          for (let attempt = 0; attempt < attempts; attempt++) {
            if (yield* take) return
            const holder = yield* readOwner(fs, path)
            if (Option.isSome(holder) && (yield* lives(fs, path, holder.value))) {
              return yield* new FolderLockedError({ folder, owner: holder.value })
            }
            yield* bury(fs, path)
          }
          return yield* new FolderLockError({ path, detail: "others take it and die again and again" })
        }),
        () => release
      )
      const now = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))
      const beat = Effect.flatMap(now, (time) => Effect.ignore(fs.utimes(path, time, time)))
      yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(`${heartbeatSeconds} seconds`)))
    })
  )

/**
 * Removes the lock of a holder that is dead. One process at a time does so, and looks again first: another may have done it
 * and taken the folder since.
 */
const bury = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, path: string) {
  const grave = `${path}.dead`
  const mine = yield* Effect.isSuccess(fs.makeDirectory(grave))
  if (!mine) {
    yield* Effect.sleep(`${busyMillis} millis`)
    // Whoever made it has died in turn.
    if (yield* silentFor(fs, grave, heartbeatSeconds)) yield* Effect.ignore(fs.remove(grave, { recursive: true }))
    return
  }
  yield* Effect.gen(function* () {
    const holder = yield* readOwner(fs, path)
    if (Option.isNone(holder) || !(yield* lives(fs, path, holder.value))) yield* fs.remove(path)
  }).pipe(Effect.ignore, Effect.ensuring(Effect.ignore(fs.remove(grave, { recursive: true }))))
}, Effect.uninterruptible)

const decodeOwner = Schema.decodeUnknownOption(Schema.fromJsonString(LockOwner))

/** None if there is no lock, or a file that is not one: cut short by the crash that left it. */
const readOwner = (fs: FileSystem.FileSystem, path: string) =>
  Effect.map(Effect.option(fs.readFileString(path)), Option.flatMap(decodeOwner))

const lives = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, path: string, owner: LockOwner) {
  const isNear = owner.host === hostname() && (owner.space === undefined || owner.space === ownSpace().space)
  if (isNear) return isRunning(owner.process) && sameBeginning(owner)
  return !(yield* silentFor(fs, path, silenceSeconds))
})

/** Whether a file has not been touched for so long; one that is not there has not. */
const silentFor = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, path: string, seconds: number) {
  const mtime = Option.flatMap(yield* Effect.option(fs.stat(path)), (info) => info.mtime)
  return (yield* Clock.currentTimeMillis) - Option.match(mtime, { onNone: () => 0, onSome: Number }) > 1000 * seconds
})

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

const sameBeginning = ({ process, began }: LockOwner): boolean => {
  const now = beganOf(process).began
  return began === undefined || now === undefined || began === now
}

/** Linux tells when a process began, in ticks since the machine did. */
const beganOf = (pid: number): { readonly began?: string } => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? []
    const began = fields[19]
    return began === undefined ? {} : { began }
  } catch {
    return {}
  }
}

/** Linux names each start of the machine, and each space of process numbers. */
const ownSpace = (): { readonly space?: string } => {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
    return { space: `${boot} ${readlinkSync("/proc/self/ns/pid")}` }
  } catch {
    return {}
  }
}
