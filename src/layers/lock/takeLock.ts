import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { ThisProcess } from "../machine/thisProcess.ts"
import {
  type FoundLock,
  type LockOwner,
  LockTimes,
  readLock,
  touchedAt,
  type Vitality,
  vitalityOf
} from "./LockOwner.ts"

/** Another holds the lock, and lives. */
export class HeldError extends Data.TaggedError("HeldError")<{
  readonly owner: LockOwner
  readonly vitality: Vitality
}> {}

/** The lock changed hands so often that it was never to be had. */
export class UnsettledError extends Data.TaggedError("UnsettledError") {}

/** Attempts to take over from holders that died, before giving up on a folder that changes hands all the time. */
const attempts = 500

/** How long to wait for another process that is removing a dead holder's lock. */
const busyMillis = 20

/** Who has been removing a lock for so long has died in doing so. */
const mostBurialMillis = 10_000

/**
 * Puts an owner's lock at `path`, in the place of one whose holder is dead if need be. Gives an effect that shows that it
 * lives, by a handle on its own file: so it can never touch the lock of another that has taken its place.
 * Fails with a `HeldError` while another lives, and as `readLock` does for what cannot be a lock.
 */
export const takeLock = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, path: string, owner: LockOwner) {
  const self = yield* ThisProcess
  const { silence } = yield* LockTimes
  // Made whole under another name and linked to its own: nobody reads half of it.
  const made = `${path}.${owner.id}`
  const bytes = new TextEncoder().encode(JSON.stringify(owner))
  const file = yield* fs.open(made, { flag: "wx" })
  const touch = Effect.andThen(file.seek(0n, "start"), file.writeAll(bytes))

  /** The time by the clock of the file system, and when something there was last touched. */
  const timesOf = Effect.fnUntraced(function* (at: string) {
    const touched = yield* touchedAt(yield* Effect.option(fs.stat(at)))
    yield* touch
    return { touched, now: yield* touchedAt(yield* Effect.option(file.stat)) }
  })
  const vitality = (holder: LockOwner) =>
    Effect.map(timesOf(path), (times) => vitalityOf(holder, self, { ...times, silence }))
  const isDead = (lock: FoundLock) =>
    lock.kind === "held" ? Effect.map(vitality(lock.owner), ({ lives }) => !lives) : Effect.succeed(true)

  /**
   * Removes the lock of a holder that is dead. One process at a time does so, and looks again first: another may have done it
   * and taken the folder since.
   */
  const grave = `${path}.dead`
  const fill = Effect.ignore(fs.remove(grave, { recursive: true }))
  const bury = Effect.gen(function* () {
    const lock = yield* readLock(fs, path)
    if (lock.kind !== "none" && (yield* isDead(lock))) yield* fs.remove(path)
  }).pipe(Effect.ensuring(fill))
  const waitForBurial = Effect.gen(function* () {
    yield* Effect.sleep(`${busyMillis} millis`)
    const { touched, now } = yield* timesOf(grave)
    if (now - touched > mostBurialMillis) yield* fill
  })

  const take = Effect.gen(function* () {
    yield* Effect.andThen(touch, file.sync)
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (yield* unlessThere(fs.link(made, path))) return
      const lock = yield* readLock(fs, path)
      if (lock.kind === "none") continue
      if (lock.kind === "held") {
        const found = yield* vitality(lock.owner)
        if (found.lives) return yield* new HeldError({ owner: lock.owner, vitality: found })
      }
      const dig = Effect.flatMap(unlessThere(fs.makeDirectory(grave)), (isMine) => (isMine ? bury : waitForBurial))
      yield* Effect.uninterruptible(dig)
    }
    return yield* new UnsettledError()
  })
  yield* Effect.ensuring(take, Effect.ignore(fs.remove(made)))
  return touch
})

/** Whether something was made; not if it is there already. */
const unlessThere = (make: Effect.Effect<void, PlatformError>): Effect.Effect<boolean, PlatformError> =>
  make.pipe(
    Effect.as(true),
    Effect.catchIf(
      ({ reason }) => reason._tag === "AlreadyExists",
      () => Effect.succeed(false)
    )
  )
