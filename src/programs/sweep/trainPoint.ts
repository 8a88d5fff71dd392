import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { recentMeasures } from "../../domain/sweep/earlyStopping.ts"
import type { PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import type { PointResult } from "../../domain/sweep/PointResult.ts"
import { pointText } from "../../domain/sweep/page/valueText.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { digestOfTensors } from "../../layers/checkpoint/packedCheckpoint.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import type { Lease } from "../../layers/queue/TrainingQueue.ts"
import { DivergedError } from "../training/DivergedError.ts"
import { CollapsedError } from "../training/watchCollapse.ts"
import { type EarlyEnd, makeLeaseLog } from "./leaseLog.ts"

/**
 * Runs the training of a point for the holder of its lease, from the newest checkpoint of the `CheckpointStore` on. What `train` records in the
 * `TrainingLog` is reported to the queue as well, and judged there: a broken bound, a lost rung of successive halving, a collapse or
 * a number that is not finite end it with a result. `logged`: what the run's own log tells, where it has one. Fails with what else `train` fails with, with a `LeaseLostError` once the point is another's,
 * and with a `QueueError` if the queue cannot be reached.
 */
export const trainPoint = Effect.fn("Sweep.trainPoint")(function* <E, R, E2, R2>(
  lease: Lease,
  point: PlannedPoint,
  train: Effect.Effect<unknown, E, R>,
  logged: Effect.Effect<ReadonlyArray<TrainingEvent>, E2, R2>
) {
  const began = yield* Clock.currentTimeMillis
  const store = yield* CheckpointStore
  const outer = yield* TrainingLog
  const leased = yield* makeLeaseLog(lease, point)
  const log = TrainingLog.of({
    record: (event: TrainingEvent) => Effect.andThen(outer.record(named(lease, point, event)), leased.log.record(event))
  })
  const trained: EarlyEnd = { outcome: "trained" }
  // Of a run that another queue has begun, as one in memory that ended: this one has not heard of its course yet.
  const replay = Effect.gen(function* () {
    const begun = yield* store.latest
    if (Option.isSome(lease.progress) || Option.isNone(begun)) return
    for (const event of yield* logged) {
      if (event.update <= begun.value.description.update) yield* leased.log.record(event)
    }
  })
  const whole = Effect.as(Effect.andThen(replay, Effect.provideService(train, TrainingLog, log)), trained)
  const { outcome, reason } = yield* Effect.raceFirst(whole, leased.ended).pipe(
    Effect.catchIf(
      (error) => error instanceof CollapsedError || error instanceof DivergedError,
      (error) => Effect.succeed(earlyEnd(error))
    )
  )
  const found = yield* store.latest
  const measured = yield* leased.measured
  const last = Option.match(found, { onNone: () => undefined, onSome: ({ description }) => description.update })
  const update = outcome === "trained" ? point.updates : (measured.at(-1)?.update ?? last ?? 0)
  const result: Omit<PointResult, "images"> = {
    outcome,
    ...(reason !== undefined && { reason }),
    collapsed: outcome === "collapsed" || (yield* leased.collapsed),
    update,
    updates: point.updates,
    measures: recentMeasures(measured, update, point.updates),
    seconds: ((yield* Clock.currentTimeMillis) - began) / 1000,
    ...(Option.isSome(found) && { state: digestOfTensors(found.value.tensors, found.value.description) })
  }
  return result
})

/** In its own log a point is called by what tells it from the others: whoever reads that sees no plan. */
const named = ({ sweep }: Lease, point: PlannedPoint, event: TrainingEvent): TrainingEvent => {
  if (event._tag !== "Started") return event
  const { settings } = event
  const isWhole = point.work.kind === "settings" || typeof settings !== "object" || settings === null
  return {
    ...event,
    name: `${sweep}: ${pointText(point)}`,
    settings: isWhole ? settings : { ...settings, ...point.values }
  }
}

const earlyEnd = (error: CollapsedError | DivergedError): EarlyEnd => ({
  outcome: error instanceof CollapsedError ? "collapsed" : "not finite",
  reason: error.message
})
