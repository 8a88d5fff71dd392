import { CliError } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { terminalMessage } from "../../domain/text/terminalText.ts"
import { wordsOf } from "../../layers/module/loadModule.ts"

/** Exit code of a command that was asked for wrongly; what goes wrong in the world ends with 1. */
export const usageCode = 2

/** Flags that do not go together, or a value that no flag takes: the command itself has to be written otherwise. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  flag: Schema.String,
  problem: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = usageCode

  override get message(): string {
    return `${this.flag}: ${this.problem}`
  }
}

/**
 * A failure as the command line shows it: its message alone, once and safe for a terminal, and the error's own exit code (1
 * if it has none).
 */
export const asUserError = <A, E extends Error, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, CliError.UserError, R> =>
  Effect.mapError(effect, (cause: unknown) =>
    // The effects of a user's module may fail with anything.
    Object.assign(new CliError.UserError({ cause, userMessage: terminalMessage(messageOf(cause)) }), {
      [Runtime.errorExitCode]: Runtime.getErrorExitCode(cause)
    })
  )

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : wordsOf(cause))
