import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import type { TrainingEvent, TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"
import { explain } from "../file/atomicWrite.ts"
import { eventLine, progressLine } from "./progressLine.ts"
import { TrainingLog, TrainingLogError } from "./TrainingLog.ts"

/** Back to the line's start, and everything on it erased (ECMA-48 EL). */
const eraseLine = "\r\u001b[K"

/** What to take for the width of a terminal that does not tell it. */
const usualColumns = 80

/**
 * Shows a run to someone who watches. On a terminal progress stays on one line that rewrites itself, never wider than
 * the terminal, and other events scroll by above it; closing the layer ends that line. If standard output is a file
 * or a pipe, every event is a plain line without control characters.
 */
export const layerTerminal: Layer.Layer<TrainingLog, never, Terminal.Terminal | Stdio.Stdio> = Layer.effect(
  TrainingLog,
  Effect.gen(function* () {
    const terminal = yield* Terminal.Terminal
    const stdio = yield* Stdio.Stdio
    const rewrites = yield* stdio.stdoutIsTerminal
    const turn = yield* Semaphore.make(1)
    // The progress that now stands on the last line of the terminal.
    let standing: TrainingEventOf<"Progress"> | undefined

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

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => (standing === undefined ? Effect.void : Effect.ignore(terminal.display("\n"))))
    )

    const record = (event: TrainingEvent) =>
      textOf(event).pipe(
        Effect.flatMap(terminal.display),
        Effect.mapError(
          (cause) => new TrainingLogError({ log: "terminal", action: `record ${event._tag}`, reason: explain(cause) })
        ),
        turn.withPermit
      )
    return TrainingLog.of({ record })
  })
)
