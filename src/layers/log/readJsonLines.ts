import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { parseJson } from "../../domain/json/parseJson.ts"
import { explain } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"
import { openLine } from "./checkedLine.ts"
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
  /** Lines that are not what was written: their check does not hold, or is missing behind lines that have one. */
  readonly damagedLines: ReadonlyArray<number>
}

/** A million records; a log that is longer is for other tools. */
export const MAX_LOG_BYTES = 2 ** 28

/** A file with more lines that are not whole or not right is no log. */
const MAX_LOST_LINES = 10_000

/** Numbers of lines that a warning gives. */
const mostNamed = 20

const strictly = { onExcessProperty: "error" } as const
const decodeTime = Schema.decodeUnknownResult(Schema.Struct({ time: Schema.String }))
const decodeEvent = Schema.decodeUnknownResult(eventAsJson, strictly)

/**
 * Reads what `layerJsonLines` wrote. A line that is no JSON was torn, and one whose check does not hold is damaged: both
 * are passed over, and reported in a warning with the file's name. (No beginning of a JSON object is JSON itself. Lines
 * without a check, of older versions, can come before the first that has one.) A line that is as it was written but no
 * event is an error, which names it. See `withoutSuperseded` for what happens to updates that were logged twice.
 */
export const readJsonLines = Effect.fn("Logs.readJsonLines")(function* (
  path: string
): Effect.fn.Return<JsonLinesLog, TrainingLogError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* readBounded(fs, path, MAX_LOG_BYTES).pipe(
    Effect.mapError((cause) => new TrainingLogError({ log: path, action: "read", reason: explain(cause) }))
  )
  return yield* logOf(path, bytes)
})

/** What the bytes of a log tell, as `readJsonLines` reads them. */
export const logOf = Effect.fnUntraced(function* (
  path: string,
  bytes: Uint8Array
): Effect.fn.Return<JsonLinesLog, TrainingLogError> {
  const records: Array<LoggedEvent> = []
  const tornLines: Array<number> = []
  const damagedLines: Array<number> = []
  let allUnchecked = true
  for (const [index, line] of linesOf(bytes)) {
    if (tornLines.length + damagedLines.length > MAX_LOST_LINES) {
      const reason = `it is no log: more than ${MAX_LOST_LINES} of its first ${index} lines are not records`
      return yield* new TrainingLogError({ log: path, action: "read", reason })
    }
    const { state, json } = openLine(line)
    const parsed = parseJson(json)
    if (state === "damaged" || (state === "unchecked" && Result.isSuccess(parsed) && !allUnchecked)) {
      damagedLines.push(index)
      continue
    }
    if (Result.isFailure(parsed)) {
      tornLines.push(index)
      continue
    }
    const decoded = Result.all([decodeTime(parsed.success), decodeEvent(withoutTime(parsed.success))])
    if (Result.isFailure(decoded)) {
      if (state === "checked") {
        const reason = decoded.failure.message
        return yield* new TrainingLogError({ log: path, action: `read line ${index}`, reason })
      }
      // Without a check it may as well be one whose check was hit.
      damagedLines.push(index)
      continue
    }
    if (state === "checked") allUnchecked = false
    const [{ time }, event] = decoded.success
    records.push({ time, event })
  }
  const faults = [
    ...(damagedLines.length > 0 ? [`damaged: ${named(damagedLines)}`] : []),
    ...(tornLines.length > 0 ? [`cut short: ${named(tornLines)}`] : [])
  ]
  if (faults.length > 0) yield* Effect.logWarning(`${path}: lines passed over (${faults.join("; ")})`)
  return { records: withoutSuperseded(records), tornLines, damagedLines }
})

const named = (lines: ReadonlyArray<number>): string =>
  lines.length > mostNamed
    ? `${lines.slice(0, mostNamed).join(", ")} and ${lines.length - mostNamed} more`
    : lines.join(", ")

/** The lines that are not blank, with their numbers from 1. Bytes that are not UTF-8 become other characters: no check holds. */
function* linesOf(bytes: Uint8Array): Generator<readonly [number: number, line: string]> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let number = 1
  for (let start = 0; start < bytes.length; number++) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed === -1 ? bytes.length : feed
    const line = decoder.decode(bytes.subarray(start, end))
    if (line.trim() !== "") yield [number, line]
    start = end + 1
  }
}

const withoutTime = (json: unknown): unknown => {
  if (typeof json !== "object" || json === null) return json
  const { time: _time, ...event } = { time: undefined, ...json }
  return event
}

/**
 * Drops what a resumed run has gone over again, when it had logged beyond the checkpoint it went on from:
 * progress, checkpoints and images of later updates than the one a `Started` names, and of two that tell the same
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
    case "Measured":
      return `Measured ${event.update}`
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
