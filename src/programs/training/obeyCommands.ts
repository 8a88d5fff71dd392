import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Command, commandText } from "../../domain/watch/Command.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { RunCommands } from "../../layers/watch/RunCommands.ts"
import type { TrainingProgress } from "./Training.ts"

/** How often commands are looked for, in milliseconds. */
const lookMillis = 1000

/**
 * Obeys the `RunCommands` after an update, at most once a second: to save, to log, save or draw at other updates, or to stop. A run
 * that is told to stop is interrupted as by Ctrl-C, so that it saves a checkpoint first. What it obeys is told in the
 * `TrainingLog`, as a warning. It belongs before the operators that log and save, which look at the orders.
 */
export const obeyCommands = <P extends TrainingProgress, E, R>(
  training: Stream.Stream<P, E, R>
): Stream.Stream<P, E | TrainingLogError, R | TrainingLog> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { take, orders } = yield* RunCommands
      const log = yield* TrainingLog
      let lookedAt: number | undefined
      const obey = Effect.fnUntraced(function* (command: Command, update: number) {
        yield* log.record({ _tag: "Warned", update, message: `The run ${commandText(command)}.` })
        if (command._tag === "Stop") return yield* Effect.interrupt
        if (command._tag === "Checkpoint") orders.checkpoint = true
        else orders.every.set(command.of, command.everyUpdates)
      })
      const look = Effect.fnUntraced(function* ({ update }: P) {
        const now = yield* Clock.currentTimeMillis
        // Not after the first update: what is interrupted there has nothing that it could save.
        lookedAt ??= now
        if (now - lookedAt < lookMillis) return
        lookedAt = now
        yield* Effect.forEach(yield* take, (command) => obey(command, update), { discard: true })
      })
      return Stream.tap(training, look)
    })
  )
