import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"

/** Exit codes of a process that a signal ended: 128 and the signal's number. */
const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const
type EndingSignal = keyof typeof signalCodes

/**
 * A signal that comes so soon after the first is the same one again: npm passes on what its child's whole process group has
 * been sent already, so that one Ctrl-C arrives twice.
 */
const sameMillis = 500

/**
 * Runs an effect as this process.
 *
 * The first SIGINT or SIGTERM interrupts it: what it does then (finish the update, write a checkpoint, close what is open) it
 * does to the end, and the process exits with 130 or 143. The second exits at once, with nothing more written. A promise
 * that is rejected with nobody waiting for it is told of on standard error, interrupts the effect and exits with 1.
 */
export const runProcess: <E, A>(effect: Effect.Effect<A, E>) => void = (effect) =>
  Runtime.makeRunMain(({ fiber, teardown }) => {
    let ending: { readonly code: number; readonly millis: number } | undefined

    const endBy = (code: number): void => {
      const millis = performance.now()
      if (ending === undefined) {
        ending = { code, millis }
        fiber.interruptUnsafe(fiber.id)
        return
      }
      if (millis - ending.millis > sameMillis) process.exit(code)
    }
    const onSignal = (signal: EndingSignal): void => endBy(signalCodes[signal])
    const onRejection = (reason: unknown): void => {
      console.error("internal: an error that nobody waited for:", reason)
      endBy(1)
    }
    process.on("SIGINT", onSignal)
    process.on("SIGTERM", onSignal)
    process.on("unhandledRejection", onRejection)

    fiber.addObserver((exit) => {
      if (ending !== undefined && (ending.code === 1 || Exit.hasInterrupts(exit))) process.exit(ending.code)
      process.off("SIGINT", onSignal)
      process.off("SIGTERM", onSignal)
      // It goes on listening for rejections: one may come from what the effect has left behind.
      teardown(exit, (code) => {
        if (code !== 0) process.exit(code)
      })
    })
  })(effect)
