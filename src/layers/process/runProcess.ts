import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { flushed, OnResultsAreFiles, type WatchedStream, watchFaultsOf } from "./standardStreams.ts"

/**
 * Exit codes of a process that a signal ended: 128 and the signal's number. SIGHUP is a terminal that was closed, SIGXCPU a
 * batch system's time that is up, SIGBREAK Ctrl-Break of Windows. SIGQUIT (Ctrl-\) is left to the system: who sends it wants the
 * process to end as it is.
 */
const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGBREAK: 149, SIGXCPU: 152 } as const
type EndingSignal = keyof typeof signalCodes

const endingSignals: ReadonlyArray<EndingSignal> =
  process.platform === "win32"
    ? ["SIGHUP", "SIGINT", "SIGTERM", "SIGBREAK"]
    : ["SIGHUP", "SIGINT", "SIGTERM", "SIGXCPU"]

/** What a program ends with whose reader left: 128 and the number of SIGPIPE, which Node ignores. */
const readerLeft = 141

/**
 * A signal that comes so soon after the first is the same one again: npm passes on what its child's whole process group has
 * been sent already, so that one Ctrl-C arrives twice.
 */
const sameMillis = 500

/** How long an effect may take to end after an error that nobody expected: what it waits for may never come. */
const afterErrorMillis = 60_000

/** How long to wait at the end for a reader of what is no result. */
const readerMillis = 2000

/**
 * Runs an effect as this process.
 *
 * The first SIGINT, SIGTERM, SIGHUP, SIGXCPU or SIGBREAK interrupts it: what it does then (finish the update, write a checkpoint,
 * close what is open) it does to the end, and the process exits with 128 and the signal's number. The second exits at once,
 * with nothing more written. An error thrown, or a promise rejected, with nobody waiting for it is reported on standard error,
 * interrupts the effect and exits with 1, a minute later at most. So does a `process.exit` elsewhere: not with 0.
 *
 * A standard output or error that fails changes nothing of what the effect does. If it succeeds, and its result is what it
 * printed (that is unless it says `resultsAreFiles`), the process exits with 141 where the reader left, and with 1 and a message where the output failed.
 */
export const runProcess: <E, A>(effect: Effect.Effect<A, E>) => void = (effect) => {
  const printed: Printed = {
    output: watchFaultsOf(process.stdout),
    errors: watchFaultsOf(process.stderr),
    isResult: true
  }
  const noResult = Effect.sync(() => {
    printed.isResult = false
  })
  run(printed)(Effect.provideService(effect, OnResultsAreFiles, noResult))
}

/** Where a process prints to, and whether what it prints on standard output is what it was asked for. */
interface Printed {
  readonly output: WatchedStream
  readonly errors: WatchedStream
  isResult: boolean
}

const run = (printed: Printed) =>
  Runtime.makeRunMain(({ fiber, teardown }) => {
    let ending: { readonly code: number; readonly millis: number } | undefined
    let over = false

    const exit = (code: number): void => {
      over = true
      process.exit(code)
    }
    const endBy = (code: number): void => {
      const millis = performance.now()
      if (ending === undefined) {
        ending = { code, millis }
        fiber.interruptUnsafe(fiber.id)
        return
      }
      if (millis - ending.millis > sameMillis) exit(code)
    }
    const onSignal = (signal: EndingSignal): void => endBy(signalCodes[signal])
    const onError = (reason: unknown): void => {
      console.error("internal: an error that nobody waited for:", reason)
      if (over) exit(1)
      setTimeout(() => exit(1), afterErrorMillis).unref()
      endBy(1)
    }
    for (const signal of endingSignals) process.on(signal, onSignal)
    process.on("unhandledRejection", onError)
    process.on("uncaughtException", onError)
    process.on("exit", (code) => {
      if (over) return
      console.error("internal: something called process.exit before this was done.")
      process.exitCode = code === 0 ? 1 : code
    })

    fiber.addObserver((ended) => {
      if (ending !== undefined && (ending.code === 1 || Exit.hasInterrupts(ended))) return exit(ending.code)
      over = true
      for (const signal of endingSignals) process.off(signal, onSignal)
      // It goes on listening for errors: one may come from what the effect has left behind.
      teardown(ended, (code) => void leave(code, printed))
    })
  })

/** Ends the process when what it wrote has been taken. */
const leave = async (code: number, { output, errors, isResult }: Printed): Promise<void> => {
  await flushed(output.stream, isResult ? undefined : readerMillis)
  const fault = output.fault()
  if (code === 0 && isResult && fault !== undefined) {
    if ("code" in fault && fault.code === "EPIPE") process.exit(readerLeft)
    console.error(`Standard output cannot be written: ${fault.message}`)
    await flushed(errors.stream, readerMillis)
    process.exit(1)
  }
  await flushed(errors.stream, readerMillis)
  // What a reader has still not taken would keep the process.
  if (code !== 0 || output.stream.writableLength > 0 || errors.stream.writableLength > 0) process.exit(code)
}
