import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseJson } from "../json/parseJson.ts"
import type { IdentifiedPoint } from "./planPoints.ts"

/** What a queue keeps of a sweep as its plan: what was asked for, and which points that came to. Points may be other sweeps' as well. */
export const SweepSubmission = Schema.Struct({
  format: Schema.Literal(1),
  engine: Schema.String,
  plan: Schema.Json,
  points: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      values: Schema.Record(Schema.String, Schema.Json),
      seed: Schema.Int,
      updates: Schema.Int
    })
  )
})
export type SweepSubmission = typeof SweepSubmission.Type

const encode = Schema.encodeSync(SweepSubmission)
const decode = Schema.decodeUnknownResult(SweepSubmission)

/** The same plan, engine and data give the same text. */
export const encodeSubmission = (plan: Schema.Json, engine: string, points: ReadonlyArray<IdentifiedPoint>): string =>
  JSON.stringify(
    encode({
      format: 1,
      engine,
      plan,
      points: points.map(({ id, point: { values, seed, updates } }) => ({ id, values, seed, updates }))
    })
  )

/** A sweep from the queue; fails in words that go behind a colon. */
export const decodeSubmission = (text: string): Result.Result<SweepSubmission, string> =>
  Result.flatMap(parseJson(text), (json) =>
    Result.mapError(decode(json), ({ message }) => message.split("\n")[0] ?? "not valid")
  )
