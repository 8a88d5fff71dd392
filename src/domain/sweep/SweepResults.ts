import * as Schema from "effect/Schema"
import { type DigestOfText, sealJson } from "../json/checksummedJson.ts"
import { Outcome } from "./PointResult.ts"
import { BestBy } from "./SweepPlan.ts"

/** How a point stands: what a queue says of it, or how its training ended. */
export const Standing = Schema.Union([Outcome, Schema.Literals(["waiting", "running", "failed", "cancelled"])])
export type Standing = typeof Standing.Type

const Measures = Schema.Record(Schema.String, Schema.Finite)

/** One point of a sweep as it stands. */
export const PointRow = Schema.Struct({
  id: Schema.String,
  /** What the axes say of it, by path. */
  values: Schema.Record(Schema.String, Schema.Json),
  seed: Schema.Int,
  standing: Standing,
  /** Whether a player had collapsed at the end, also where that did not end it. */
  collapsed: Schema.Boolean,
  update: Schema.Int,
  updates: Schema.Int,
  measures: Measures,
  /** Why it ended early, or failed. */
  reason: Schema.optionalKey(Schema.String),
  worker: Schema.optionalKey(Schema.String),
  /** How often a worker has taken it. */
  attempts: Schema.Int,
  seconds: Schema.optionalKey(Schema.Finite),
  state: Schema.optionalKey(Schema.String)
})
export type PointRow = typeof PointRow.Type

/** A mean over points, their standard deviation (none for one), and how many they are. */
export const Spread = Schema.Struct({
  mean: Schema.Finite,
  deviation: Schema.optionalKey(Schema.Finite),
  n: Schema.Int
})
export type Spread = typeof Spread.Type

/** Points that have something in common. */
export const PointGroup = Schema.Struct({
  /** What they have in common, by path: a value, or a range of numbers as `[from, to]`. */
  values: Schema.Record(Schema.String, Schema.Json),
  points: Schema.Int,
  /** How many stand how. */
  standings: Schema.Record(Schema.String, Schema.Int),
  /** How many had collapsed, whether that ended them or not. */
  collapsed: Schema.Int,
  /** Over those that were trained to their end. */
  measures: Schema.Record(Schema.String, Spread)
})
export type PointGroup = typeof PointGroup.Type

/** What came of a sweep: `results.json`. */
export const SweepResults = Schema.Struct({
  format: Schema.Literal("fovea-sweep"),
  version: Schema.Literal(1),
  name: Schema.String,
  /** When these were gathered. */
  createdAt: Schema.String,
  library: Schema.Struct({ name: Schema.String, version: Schema.String }),
  engine: Schema.String,
  /** What points are ranked by, if the plan says or anything was measured. */
  best: Schema.optionalKey(BestBy),
  /** The plan as it was submitted. */
  plan: Schema.Json,
  /** By the axes' values: every path with all of its values. */
  axes: Schema.Array(Schema.Struct({ path: Schema.String, groups: Schema.Array(PointGroup) })),
  /** Over the seeds: every combination of values, best first. */
  combinations: Schema.Array(PointGroup),
  /** In the plan's order. */
  points: Schema.Array(PointRow)
})
export type SweepResults = typeof SweepResults.Type

const encode = Schema.encodeSync(Schema.toCodecJson(SweepResults))

/** Results as the text of `results.json`: indented, sealed, ending with a line feed. */
export const encodeSweepResults = (results: SweepResults, digestOf: DigestOfText): string =>
  sealJson(encode(results), digestOf)
