import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"

/** What an effect gives, and what it logs, as lines. */
export const withWarnings = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => {
      lines.push(String(message))
    })
    const result = yield* Effect.provide(effect, Logger.layer([logger]), { local: true })
    return { result, lines }
  })
