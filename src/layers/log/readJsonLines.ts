import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { explain } from "../file/atomicWrite.ts"
import { eventAsJson } from "./jsonLines.ts"
import { TrainingLogError } from "./TrainingLog.ts"

/** One line of a log. */
export interface LoggedEvent {
  /** When it was recorded: ISO 8601, UTC. */
  readonly time: string
  readonly event: TrainingEvent
}

/** What a log file tells. */
export interface JsonLinesLog {
  /** In the order of the file, without those that a resumed run has gone over again. */
  readonly records: ReadonlyArray<LoggedEvent>
  /** Lines that are not whole (their number in the file, from 1): a crash or a full disk cut them short. */
  readonly tornLines: ReadonlyArray<number>
}

const decodeTime = Schema.decodeUnknownEffect(Schema.Struct({ time: Schema.String }))
const decodeEvent = Schema.decodeUnknownEffect(eventAsJson)
const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

/**
 * Reads what `layerJsonLines` wrote. A line that is no JSON was torn and is passed over (no beginning of a JSON object
 * is JSON itself); one that is JSON but no event is an error, which names its line.
 * See `withoutSuperseded` for what happens to updates that were logged twice.
 */
export const readJsonLines = Effect.fn("readJsonLines")(function* (
  path: string
): Effect.fn.Return<JsonLinesLog, TrainingLogError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs
    .readFileString(path)
    .pipe(Effect.mapError((cause) => new TrainingLogError({ log: path, action: "read", reason: explain(cause) })))

  const records: Array<LoggedEvent> = []
  const tornLines: Array<number> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const json = decodeJson(line)
    if (json._tag === "None") {
      tornLines.push(index + 1)
      continue
    }
    const failing = Effect.mapError(
      (error: Schema.SchemaError) =>
        new TrainingLogError({ log: path, action: `read line ${index + 1}`, reason: error.message })
    )
    const { time } = yield* decodeTime(json.value).pipe(failing)
    records.push({ time, event: yield* decodeEvent(json.value).pipe(failing) })
  }
  return { records: withoutSuperseded(records), tornLines }
})

/**
 * Drops what a resumed run has gone over again, when it had logged beyond the checkpoint it went on from:
 * progress, checkpoints and pictures of later updates than the one a `Started` names, and of two that tell the same
 * thing of the same update the earlier one. What merely happened (starts, ends, warnings) stays.
 */
export const withoutSuperseded = (records: ReadonlyArray<LoggedEvent>): ReadonlyArray<LoggedEvent> => {
  const kept: Array<LoggedEvent> = []
  const told = new Set<string>()
  let startedLater = Number.POSITIVE_INFINITY
  for (const record of records.toReversed()) {
    const { event } = record
    const subject = subjectOf(event)
    if (event._tag === "Started") startedLater = Math.min(startedLater, event.update)
    if (subject !== undefined && (event.update > startedLater || told.has(subject))) continue
    if (subject !== undefined) told.add(subject)
    kept.push(record)
  }
  return kept.reverse()
}

/** What an event says something of, where a later event may take it back. */
const subjectOf = (event: TrainingEvent): string | undefined => {
  switch (event._tag) {
    case "Progress":
      return `Progress ${event.update}`
    case "Checkpointed":
    case "PictureWritten":
      return `${event._tag} ${event.update} ${event.path}`
    case "Started":
    case "Warned":
    case "Finished":
    case "Interrupted":
      return undefined
  }
}
