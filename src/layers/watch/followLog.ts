import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { type CourseBuilder, courseBuilder } from "../../domain/watch/Course.ts"
import { factsAfter, noFacts, type RunFacts } from "../../domain/watch/RunFacts.ts"
import { readPart, type UnreadableFileError } from "../file/readBounded.ts"
import { loggedRecord } from "./loggedRecord.ts"

/** Bytes that are read at a time: some milliseconds of decoding, between which others have their turn. */
const partBytes = 2 ** 17

/** Of a log that is only glanced at: its beginning, which says what the run is, and its end, which says how it stands. */
const [headBytes, tailBytes] = [2 ** 15, 2 ** 16]

/** A longer line is no record. */
const mostLineBytes = 2 ** 20

/** Points that are kept of a course. */
export const mostPoints = 600

const lineFeed = 10

/** What has been read of a run's log: the reader's own, and changed by it alone. */
export interface FollowedLog {
  readonly path: string
  /** The file that was read, and how far; another one has its own beginning. */
  file: string | undefined
  offset: number
  /** What was read of a line that had no end yet; nothing while the rest of an overlong line is passed over. */
  rest: Uint8Array | undefined
  facts: RunFacts
  /** Once the whole log was asked for. */
  course: CourseBuilder | undefined
  /** Lines passed over since the log's beginning, or the part of it that was read. */
  damaged: number
  /** Grows whenever something new was read. */
  version: number
}

/** A log that nothing is known of yet. */
export const followedLog = (path: string): FollowedLog => ({
  path,
  file: undefined,
  offset: 0,
  rest: new Uint8Array(0),
  facts: noFacts,
  course: undefined,
  damaged: 0,
  version: 0
})

/**
 * Reads what a log has got since it was last read; of a log that is new to this reader its beginning and its end. Takes no more
 * memory than a part of it, however long it is.
 */
export const glanceAtLog = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  log: FollowedLog
): Effect.fn.Return<void, UnreadableFileError | PlatformError> {
  const { size, file } = yield* readPart(fs, log.path, 0, 0)
  if (file === log.file && size === log.offset) return
  if (file === log.file && size > log.offset) return yield* readOn(fs, log)
  // A log that was thinned, or begun anew.
  if (log.course !== undefined) return yield* readWhole(fs, log)
  const fresh = followedLog(log.path)
  if (size > headBytes + tailBytes) {
    yield* readOn(fs, fresh, headBytes)
    fresh.offset = size - tailBytes
    // The line that is cut by the gap is none that is damaged.
    fresh.rest = undefined
  }
  yield* readOn(fs, fresh)
  Object.assign(log, { ...fresh, version: log.version + 1 })
})

/** Reads the whole of a log once, for its course; from then on a glance keeps that up to date. */
export const readWholeLog = (
  fs: FileSystem.FileSystem,
  log: FollowedLog
): Effect.Effect<void, UnreadableFileError | PlatformError> =>
  log.course === undefined ? readWhole(fs, log) : glanceAtLog(fs, log)

const readWhole = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, log: FollowedLog) {
  // Beside what is shown, until it is done.
  const fresh = { ...followedLog(log.path), course: courseBuilder(mostPoints) }
  yield* readOn(fs, fresh)
  Object.assign(log, { ...fresh, version: log.version + 1 })
})

/** Reads from where the reader stands up to the end of the file as it is now, or at most this many bytes. */
const readOn = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  log: FollowedLog,
  most = Number.MAX_SAFE_INTEGER
) {
  let left = most
  while (left > 0) {
    const { bytes, file } = yield* readPart(fs, log.path, log.offset, Math.min(partBytes, left))
    // Replaced while it was read: the next glance begins anew.
    if (log.file !== undefined && file !== log.file) return
    log.file = file
    if (bytes.length === 0) return
    log.offset += bytes.length
    left -= bytes.length
    takeBytes(log, bytes)
    log.version++
    yield* Effect.yieldNow
  }
})

const takeBytes = (log: FollowedLog, bytes: Uint8Array): void => {
  const decoder = new TextDecoder()
  let begin = 0
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, begin)) {
    const line = bytes.subarray(begin, end)
    begin = end + 1
    const { rest } = log
    log.rest = new Uint8Array(0)
    if (rest === undefined) continue
    const text = decoder.decode(rest.length === 0 ? line : joinedBytes(rest, line))
    if (text.trim() !== "") takeLine(log, text)
  }
  const tail = bytes.subarray(begin)
  if (log.rest === undefined) return
  const rest = joinedBytes(log.rest, tail)
  if (rest.length > mostLineBytes) log.damaged++
  log.rest = rest.length > mostLineBytes ? undefined : rest
}

const joinedBytes = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(left.length + right.length)
  joined.set(left)
  joined.set(right, left.length)
  return joined
}

/** Takes a further whole line of a log. */
export const takeLine = (log: FollowedLog, line: string): void => {
  const record = loggedRecord(line)
  if (record === undefined) {
    log.damaged++
    return
  }
  const { event, time } = record
  log.facts = factsAfter(log.facts, event, time)
  if (event._tag === "Started") log.course?.forgetAfter(event.update)
  if (event._tag === "Progress" || event._tag === "Measured") log.course?.add({ ...event, time })
}
