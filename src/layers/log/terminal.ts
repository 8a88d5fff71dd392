import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Semaphore from "effect/Semaphore"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import type { TrainingEvent, TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"
import { explain } from "../file/atomicWrite.ts"
import { surviveFaultsOf } from "../process/standardStreams.ts"
import { eventLine, progressLine } from "./progressLine.ts"
import { standardOutput, TrainingLog, TrainingLogError } from "./TrainingLog.ts"

/** Back to the line's start, and everything on it erased (ECMA-48 EL). */
const eraseLine = "\r\u001b[K"

/** What to take for the width of a terminal that does not tell it. */
const usualColumns = 80

/** How long to wait for a reader to take a line. */
const patience = "100 millis"

/** How long to wait for it before a run's last line, behind which none tells of what was left out. */
const lastPatience = "1 second"

/**
 * Shows a run to someone who watches. On a terminal progress stays on one line that rewrites itself, never wider than
 * the terminal, and other events scroll by above it; closing the layer ends that line. If standard output is a file
 * or a pipe, every event is a plain line without control characters.
 *
 * Nobody who watches can stop the run: while a reader does not take what is written, further lines are left out, and their
 * number is told when it does. A standard output that fails is a `TrainingLogError` of `record`, and from the opening of this
 * layer on never ends the process (see `surviveFaultsOf`).
 */
export const layerTerminal: Layer.Layer<TrainingLog, never, Terminal.Terminal | Stdio.Stdio> = Layer.effect(
  TrainingLog,
  Effect.gen(function* () {
    surviveFaultsOf(process.stdout)
    const terminal = yield* Terminal.Terminal
    const stdio = yield* Stdio.Stdio
    const rewrites = yield* stdio.stdoutIsTerminal
    const turn = yield* Semaphore.make(1)
    // The progress that is now on the last line of the terminal.
    let standing: TrainingEventOf<"Progress"> | undefined
    // What the reader has not taken yet, and how many lines were left out meanwhile.
    let writing: Fiber.Fiber<void, PlatformError> | undefined
    let leftOut = 0

    const draw = (event: TrainingEventOf<"Progress">) =>
      Effect.map(terminal.columns, (columns) =>
        // One column is left free: writing to the last one makes some terminals go on to the next line.
        progressLine(event, (columns > 0 ? columns : usualColumns) - 1)
      )

    const textOf = Effect.fnUntraced(function* (event: TrainingEvent) {
      if (!rewrites) return `${eventLine(event)}\n`
      if (event._tag === "Progress") {
        standing = event
        return `${eraseLine}${yield* draw(event)}`
      }
      if (standing === undefined) return `${eventLine(event)}\n`
      if (event._tag === "Finished" || event._tag === "Interrupted") {
        // The last progress stays to be read, and what comes next stands below it.
        standing = undefined
        return `\n${eventLine(event)}\n`
      }
      return `${eraseLine}${eventLine(event)}\n${yield* draw(standing)}`
    })

    const write = Effect.fnUntraced(function* (text: string) {
      // Not a child: a write cannot be interrupted, and who waits for it would wait as long as the reader likes.
      const fiber = yield* Effect.forkDetach(terminal.display(text))
      const exit = yield* Effect.timeoutOption(Fiber.await(fiber), patience)
      if (Option.isNone(exit)) writing = fiber
      else yield* exit.value
    })

    const show = Effect.fnUntraced(function* (event: TrainingEvent) {
      const isLast = event._tag === "Finished" || event._tag === "Interrupted"
      if (isLast && writing !== undefined) yield* Effect.timeoutOption(Fiber.await(writing), lastPatience)
      const before: Exit.Exit<void, PlatformError> | undefined = writing?.pollUnsafe()
      if (writing !== undefined && before === undefined) {
        leftOut++
        return
      }
      writing = undefined
      const gap = leftOut === 0 ? "" : `${rewrites ? eraseLine : ""}(${leftOut} lines left out: they were not read)\n`
      leftOut = 0
      if (before !== undefined) yield* before
      yield* write(gap + (yield* textOf(event)))
    })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => (standing === undefined || writing !== undefined ? Effect.void : Effect.ignore(write("\n"))))
    )

    const record = (event: TrainingEvent) =>
      show(event).pipe(
        Effect.mapError(
          (cause) =>
            new TrainingLogError({ log: standardOutput, action: `record ${event._tag}`, reason: explain(cause) })
        ),
        turn.withPermit
      )
    return TrainingLog.of({ record })
  })
)
