import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { progressFrom } from "../../domain/watch/progressFrom.ts"
import { openLine } from "../log/checkedLine.ts"
import { eventAsJson } from "../log/jsonLines.ts"

/** One record of a log, and when it was made in milliseconds since 1970. */
export interface LoggedRecord {
  readonly event: TrainingEvent
  readonly time: number
}

const decodeEvent = Schema.decodeUnknownResult(eventAsJson)

/**
 * What a line of a log records; nothing if it was cut short or damaged, or is of a later version. Quick, and never a failure: who
 * looks at a run takes what is there. `readJsonLines` is the reader that must be right about every line.
 */
export const loggedRecord = (line: string): LoggedRecord | undefined => {
  const { state, json } = openLine(line)
  if (state === "damaged") return undefined
  const parsed: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(json)))
  if (typeof parsed !== "object" || parsed === null || !("time" in parsed)) return undefined
  const time = typeof parsed.time === "string" ? Date.parse(parsed.time) : Number.NaN
  if (!Number.isFinite(time)) return undefined
  const progress = progressFrom(parsed)
  if (progress !== undefined) return { event: progress, time }
  const decoded = decodeEvent(parsed)
  return Result.isSuccess(decoded) ? { event: decoded.success, time } : undefined
}
