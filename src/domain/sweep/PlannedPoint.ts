import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseJson } from "../json/parseJson.ts"
import { Count } from "../settings/countUpTo.ts"

/**
 * The format of points that this version writes and trains. It is raised where an older worker would misread a point or train it to
 * other numbers; workers take only the versions that they know.
 */
export const POINT_VERSION = 1

/** Rules for giving a point up, in updates of its own. */
export const PointStop = Schema.Struct({
  collapse: Schema.Boolean,
  bounds: Schema.Array(
    Schema.Struct({
      measure: Schema.String,
      update: Count,
      most: Schema.optionalKey(Schema.Finite),
      least: Schema.optionalKey(Schema.Finite)
    })
  ),
  halving: Schema.optionalKey(
    Schema.Struct({
      measure: Schema.String,
      goal: Schema.Literals(["lowest", "highest"]),
      factor: Count,
      /** Updates at which it is decided, ascending. */
      rungs: Schema.Array(Count)
    })
  )
})
export type PointStop = typeof PointStop.Type

/** What a worker trains. */
const Work = Schema.Union([
  /** A bundled system by whole settings. */
  Schema.Struct({ kind: Schema.Literal("settings"), settings: Schema.Json }),
  /** The recipe of a module, by its path as the plan has it. */
  Schema.Struct({ kind: Schema.Literal("module"), path: Schema.String }),
  /** A program of the process that submitted it. */
  Schema.Struct({ kind: Schema.Literal("program"), name: Schema.String })
])

/** One training of a sweep: all that a worker needs to know of it. */
export const PlannedPoint = Schema.Struct({
  /** What the axes say of it. */
  values: Schema.Record(Schema.String, Schema.Json),
  seed: Schema.Int,
  work: Work,
  /** Updates in all. */
  updates: Schema.Int,
  shards: Count,
  /** Updates between two reports. */
  reportEvery: Count,
  /** What it is trained on: a worker that finds other data under the same settings does not train it. */
  data: Schema.Struct({ name: Schema.String, digests: Schema.Record(Schema.String, Schema.String) }),
  stop: PointStop,
  images: Schema.Struct({ samples: Count, everyUpdates: Count })
})
export type PlannedPoint = typeof PlannedPoint.Type

const encode = Schema.encodeSync(PlannedPoint)
const decode = Schema.decodeUnknownResult(PlannedPoint)

/** A point as the text that goes through the queue. */
export const encodePoint = (point: PlannedPoint): string => JSON.stringify(encode(point))

/** A point from the queue; fails in words that go behind a colon. */
export const decodePoint = (text: string): Result.Result<PlannedPoint, string> =>
  Result.flatMap(parseJson(text), (json) =>
    Result.mapError(decode(json), ({ message }) => message.split("\n")[0] ?? "not valid")
  )
