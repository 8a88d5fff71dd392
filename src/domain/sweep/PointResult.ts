import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseJson } from "../json/parseJson.ts"

/** How a training ended that gave a result. What failed otherwise (a full disk, an engine) has an error instead, and may be tried again. */
export const Outcome = Schema.Literals(["trained", "collapsed", "not finite", "out of bounds", "halved"])
export type Outcome = typeof Outcome.Type

/** What a worker says of a point that it is done with. */
export const PointResult = Schema.Struct({
  outcome: Outcome,
  /** Why it ended early. */
  reason: Schema.optionalKey(Schema.String),
  /** Whether a player had collapsed at the end. */
  collapsed: Schema.Boolean,
  /** Updates done, and how many there are. */
  update: Schema.Int,
  updates: Schema.Int,
  /** Means over the last tenth of its reports. */
  measures: Schema.Record(Schema.String, Schema.Finite),
  /** Of computing, without what was computed twice. */
  seconds: Schema.Finite,
  /** SHA-256 of the last state: the same wherever, and on however many workers, it was trained. None where nothing was kept. */
  state: Schema.optionalKey(Schema.String),
  /** Image grids (WebP or PNG) by update. */
  images: Schema.Array(Schema.Struct({ update: Schema.Int, mediaType: Schema.String, base64: Schema.String }))
})
export type PointResult = typeof PointResult.Type

const asJson = Schema.toCodecJson(PointResult)
const encode = Schema.encodeSync(asJson)
const decode = Schema.decodeUnknownResult(asJson)

/** A result as the queue keeps it. */
export const encodeResult = (result: PointResult): string => JSON.stringify(encode(result))

/** A result from the queue; fails in words that go behind a colon. */
export const decodeResult = (text: string): Result.Result<PointResult, string> =>
  Result.flatMap(parseJson(text), (json) =>
    Result.mapError(decode(json), ({ message }) => message.split("\n")[0] ?? "not valid")
  )
