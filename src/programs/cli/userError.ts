import { CliError } from "effect/cli"
import * as Effect from "effect/Effect"
import { terminalMessage } from "../../domain/text/terminalText.ts"

/** A failure as the command line shows it: its message alone, once and safe for a terminal, and exit code 1. */
export const asUserError = <A, E extends Error, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, CliError.UserError, R> =>
  Effect.mapError(effect, (cause) => new CliError.UserError({ cause, userMessage: terminalMessage(cause.message) }))
