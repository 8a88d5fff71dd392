import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { TrainingEvent, TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"

/** Keeps the spans of one run. Times are in nanoseconds since 1970. */
export interface EpochSpans {
  readonly record: (event: TrainingEvent, time: bigint) => void
  /** Ends what is open; to be called when nothing more comes. */
  readonly end: (time: bigint) => void
}

interface OpenEpoch {
  readonly number: number
  readonly span: Tracer.Span
}

/**
 * Spans of a run: `training` from its start to its end, and within it `epoch 1`, `epoch 2`, .. with the last reported
 * metrics as attributes. An epoch's span ends with the first report at or beyond its end, so its time is as exact as the
 * reports are frequent. Checkpoints, images and warnings are events of the span they fall into.
 */
export const makeEpochSpans = (tracer: Tracer.Tracer): EpochSpans => {
  let run: Tracer.Span | undefined
  let epoch: OpenEpoch | undefined
  /** When the last epoch ended, or the run began. */
  let since: bigint | undefined

  const open = (name: string, startTime: bigint, parent: Tracer.Span | undefined): Tracer.Span =>
    tracer.span({
      name,
      parent: Option.fromUndefinedOr(parent),
      annotations: Context.empty(),
      links: [],
      startTime,
      kind: "internal",
      root: parent === undefined,
      sampled: true
    })
  const endEpoch = (time: bigint): void => {
    epoch?.span.end(time, Exit.void)
    epoch = undefined
    since = time
  }
  const end = (time: bigint): void => {
    if (epoch !== undefined) endEpoch(time)
    run?.end(time, Exit.void)
    run = undefined
  }

  const start = (
    { name, settings, update, totalUpdates, backend, parameters }: TrainingEventOf<"Started">,
    time: bigint
  ) => {
    end(time)
    since = time
    run = open("training", time, undefined)
    const attributes = { run: name, settings: JSON.stringify(settings), update, totalUpdates, backend, parameters }
    for (const [key, value] of Object.entries(attributes)) run.attribute(`fovea.${key}`, value)
  }
  const report = ({ epoch: passes, update, metrics }: TrainingEventOf<"Progress">, time: bigint) => {
    const number = Math.max(Math.ceil(passes), 1)
    if (epoch !== undefined && epoch.number !== number) endEpoch(time)
    epoch = epoch ?? { number, span: open(`epoch ${number}`, since ?? time, run) }
    for (const [key, value] of Object.entries({ ...metrics, epoch: number, update })) {
      epoch.span.attribute(`fovea.${key}`, Number.isFinite(value) ? value : String(value))
    }
    if (passes >= number) endEpoch(time)
  }

  const record = (event: TrainingEvent, time: bigint): void => {
    switch (event._tag) {
      case "Started":
        start(event, time)
        break
      case "Progress":
        report(event, time)
        break
      case "Checkpointed":
      case "PictureWritten":
      case "Warned": {
        const { _tag, ...attributes } = event
        const span = epoch?.span ?? run
        span?.event(_tag, time, attributes)
        break
      }
      case "Interrupted":
        run?.attribute("fovea.interrupted", true)
        end(time)
        break
      case "Finished":
        end(time)
    }
  }
  return { record, end }
}
