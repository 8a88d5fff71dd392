import type { Writable } from "node:stream"
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

const survive = (): void => {}

/**
 * From here on a stream that fails (its reader left, its disk is full, its terminal is gone) does not end this process: Node
 * throws the `error` event of a stream that nobody listens to. Writes to it go on failing by themselves, and work again if it
 * does. Asking once more changes nothing.
 *
 * For the rest of the process, not of a scope: the event comes after the write that it is of, when nobody waits for it any more.
 */
export const surviveFaultsOf = (stream: Writable): void => {
  if (!stream.listeners("error").includes(survive)) stream.on("error", survive)
}

/** A stream that is looked after. */
export interface WatchedStream {
  readonly stream: Writable
  /** What it failed with first, if it did. */
  readonly fault: () => Error | undefined
}

/** Survives a stream's faults, and remembers the first: standard output itself forgets its own (`errored`), as it can never be closed. */
export const watchFaultsOf = (stream: Writable): WatchedStream => {
  surviveFaultsOf(stream)
  let first: Error | undefined
  stream.on("error", (fault) => {
    first ??= fault
  })
  return { stream, fault: () => first }
}

/** Waits until what was written to a stream has been taken, or has failed; at most for `mostMillis` if given. */
export const flushed = async (stream: Writable, mostMillis?: number): Promise<void> => {
  // An `error` event comes after the write that it is of.
  await nextTurn()
  if (stream.writableLength === 0) return
  const taken = new Promise<void>((resolve) => stream.write("", () => resolve()))
  await (mostMillis === undefined ? taken : Promise.race([taken, sleep(mostMillis, undefined, { ref: false })]))
  await nextTurn()
}

/** What to do when a command says that its results are files. Nothing, unless `runProcess` runs it. */
export const OnResultsAreFiles = Context.Reference<Effect.Effect<void>>("fovea/layers/OnResultsAreFiles", {
  defaultValue: () => Effect.void
})

/**
 * Says that the results of this command are files, and that what it prints only tells of them: it is a success though nobody
 * reads that.
 */
export const resultsAreFiles: Effect.Effect<void> = Effect.flatten(OnResultsAreFiles)
