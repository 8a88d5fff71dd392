import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { encodePoint, POINT_VERSION } from "../../domain/sweep/PlannedPoint.ts"
import { canonicalJson } from "../../domain/sweep/pointIdentity.ts"
import { encodeSubmission } from "../../domain/sweep/Submission.ts"
import { decodeSweepPlan, SweepPlan, unconfirmedPoints } from "../../domain/sweep/SweepPlan.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { planSweep } from "../sweep/planSweep.ts"
import { loadDataset } from "./pointTrainer.ts"
import { readJsonObject } from "./readJsonObject.ts"
import { UsageError } from "./userError.ts"

/** The plan in a file. Fails with a `SettingsError` that names file and field. */
export const readSweepPlan = Effect.fnUntraced(function* (file: string) {
  const json = yield* readJsonObject(file, "the plan")
  return yield* Effect.fromResult(decodeSweepPlan(json)).pipe(Effect.mapError(inFile(file)))
})

const inFile =
  (file: string) =>
  ({ field, problem }: SettingsError): SettingsError =>
    new SettingsError({ field: `${file}: ${field}`, problem })

/** The points of a plan on this machine's data; refused where they are many and not confirmed. Nothing is queued yet. */
export const pointsOfPlan = Effect.fnUntraced(function* (file: string, plan: SweepPlan, confirmed: boolean) {
  const { name: engine } = yield* TensorBackend
  const points = yield* planSweep(plan, { engine, dataset: loadDataset }).pipe(
    Effect.mapError((error) => (error instanceof SettingsError ? inFile(file)(error) : error))
  )
  const most = unconfirmedPoints(plan)
  if (points.length > most && !confirmed) {
    const problem = `this plan has ${formatCount(points.length)} points, more than the ${formatCount(most)} that go unconfirmed: add --yes`
    return yield* new UsageError({ flag: file, problem })
  }
  return { engine, points }
})

/** Puts a plan's points into the `TrainingQueue`; returns how many are new, and how many of the others are finished. */
export const submitPlan = Effect.fnUntraced(function* (
  plan: SweepPlan,
  { engine, points }: Effect.Success<ReturnType<typeof pointsOfPlan>>
) {
  const queue = yield* TrainingQueue
  const text = encodeSubmission(JSON.parse(canonicalJson(Schema.encodeSync(SweepPlan)(plan))), engine, points)
  return yield* queue.submit(
    { name: plan.name, plan: text },
    points.map(({ id, point }) => ({ id, payload: encodePoint(point), version: POINT_VERSION, engine }))
  )
})
