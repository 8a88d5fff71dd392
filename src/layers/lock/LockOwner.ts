import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { readBounded, type UnreadableFileError } from "../file/readBounded.ts"
import { beganOf, isRunning, type ProcessIdentity } from "../machine/thisProcess.ts"

/** A word of a lock file, which messages show: something to see, and nothing that would move a cursor. */
const Word = Schema.String.check(Schema.isPattern(/^[^\p{C}]{1,255}$/u, { expected: "1 to 255 visible characters" }))

/** Numbers of processes are positive and, on all systems, of at most 32 bits: 0 and -1 would be whole groups of them. */
const ProcessNumber = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThan(2 ** 32))

/** Who holds a folder: the content of its lock file. */
export const LockOwner = Schema.Struct({
  /** Unlike every other holder's, ever. */
  id: Word,
  process: ProcessNumber,
  host: Word,
  /** When its process began, as the system counts it, where it tells; process numbers are used again. */
  began: Schema.optionalKey(Word),
  /**
   * Where its process number means something: this start of this machine, this space of process numbers (a container has
   * its own), where the system tells. Not looked for from anywhere else, even under the same name.
   */
  space: Schema.optionalKey(Word)
})
export type LockOwner = typeof LockOwner.Type

/** How often a holder shows that it lives, and after how long a silence it counts as dead where nobody can look for it. */
export const LockTimes = Context.Reference<{ readonly beat: Duration.Duration; readonly silence: Duration.Duration }>(
  "fovea/layers/LockTimes",
  { defaultValue: () => ({ beat: Duration.seconds(10), silence: Duration.seconds(60) }) }
)

/** What lies at a lock's path. `illegible`: an ordinary file that names no holder. */
export type FoundLock =
  | { readonly kind: "none" }
  | { readonly kind: "illegible" }
  | { readonly kind: "held"; readonly owner: LockOwner }

/** A lock takes some hundred bytes. */
const MAX_LOCK_BYTES = 65_536

const decodeOwner = Schema.decodeUnknownOption(Schema.fromJsonString(LockOwner))

/** Reads a lock. Fails for what is no ordinary file (a link is none here), is too large to be a lock, or may not be read. */
export const readLock = (
  fs: FileSystem.FileSystem,
  path: string
): Effect.Effect<FoundLock, UnreadableFileError | PlatformError> =>
  readBounded(fs, path, MAX_LOCK_BYTES, { links: "refused" }).pipe(
    Effect.map((bytes): FoundLock => {
      const owner = decodeOwner(new TextDecoder().decode(bytes))
      return Option.isSome(owner) ? { kind: "held", owner: owner.value } : { kind: "illegible" }
    }),
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.succeed<FoundLock>({ kind: "none" })
    )
  )

/** Whether a holder lives, and by which rule that was decided. */
export type Vitality =
  | { readonly rule: "process"; readonly lives: boolean }
  /** Negative if its last sign of life is dated ahead. */
  | { readonly rule: "silence"; readonly lives: boolean; readonly silentMillis: number }

/**
 * Whether the holder of a lock lives. Its process is looked for where its number means something; anywhere else its silence
 * counts, by the clock of the file system: `now` is the time of a file that was touched just now.
 */
export const vitalityOf = (
  owner: LockOwner,
  self: ProcessIdentity,
  { touched, now, silence }: { readonly touched: number; readonly now: number; readonly silence: Duration.Duration }
): Vitality => {
  const isNear = owner.host === self.host && (owner.space === undefined || owner.space === self.space)
  if (isNear) return { rule: "process", lives: isRunning(owner.process) && sameBeginning(owner) }
  const silentMillis = now - touched
  return { rule: "silence", lives: silentMillis <= Duration.toMillis(silence), silentMillis }
}

const sameBeginning = ({ process, began }: LockOwner): boolean => {
  const now = beganOf(process).began
  return began === undefined || now === undefined || began === now
}

/** When a file was last touched, in milliseconds, by the clock of the file system; now if there is none, or it does not tell. */
export const touchedAt = (info: Option.Option<FileSystem.File.Info>): Effect.Effect<number> =>
  Option.match(
    Option.flatMap(info, ({ mtime }) => mtime),
    { onNone: () => Clock.currentTimeMillis, onSome: (mtime) => Effect.succeed(mtime.getTime()) }
  )
