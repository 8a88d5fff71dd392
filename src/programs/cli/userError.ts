import { CliError } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { terminalMessage } from "../../domain/text/terminalText.ts"

/**
 * A failure as the command line shows it: its message alone, once and safe for a terminal, and the error's own exit code (1
 * if it has none).
 */
export const asUserError = <A, E extends Error, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, CliError.UserError, R> =>
  Effect.mapError(effect, (cause) =>
    Object.assign(new CliError.UserError({ cause, userMessage: terminalMessage(cause.message) }), {
      [Runtime.errorExitCode]: Runtime.getErrorExitCode(cause)
    })
  )
