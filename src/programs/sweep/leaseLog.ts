import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type { TrainingEvent, TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"
import { brokenBound, type Measured, recentUpdates } from "../../domain/sweep/earlyStopping.ts"
import type { PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import type { PointResult } from "../../domain/sweep/PointResult.ts"
import { goesOn } from "../../domain/sweep/successiveHalving.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import type { LeaseLostError, QueueError } from "../../layers/queue/queueErrors.ts"
import { type Lease, TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { collapseMessage, inPlayAgain } from "../training/watchCollapse.ts"

/** Why a training ends before its last update. */
export type EarlyEnd = Pick<PointResult, "outcome" | "reason">

/** A training as the holder of its lease sees it. */
export interface LeaseLog {
  /** Tells the queue of the training: everything that it reports at its `reportEvery`, and is judged by. */
  readonly log: TrainingLog["Service"]
  /** Waits until a rule ends the training early; fails once the lease is lost, or the queue cannot be reached any more. */
  readonly ended: Effect.Effect<EarlyEnd, LeaseLostError | QueueError>
  /** What was reported so far, by earlier holders as well. */
  readonly measured: Effect.Effect<ReadonlyArray<Measured>>
  /** Whether a player is collapsed as it stands. */
  readonly collapsed: Effect.Effect<boolean>
}

/**
 * Waits to be interrupted by whoever races the training against its end, so that no update follows. Not for ever: what a
 * training records while it is being interrupted anyway must not hold it up.
 */
const interruption = Effect.sleep(Duration.seconds(5))

/** Ties a training's log to its lease. Whoever runs the training races it against `ended`. */
export const makeLeaseLog = Effect.fnUntraced(function* (
  lease: Lease,
  { updates, reportEvery, stop }: PlannedPoint
): Effect.fn.Return<LeaseLog, QueueError, TrainingQueue> {
  const queue = yield* TrainingQueue
  const ended = yield* Deferred.make<EarlyEnd, LeaseLostError | QueueError>()
  const earlier = Option.isNone(lease.progress) ? [] : yield* ownReports(queue, lease)
  const measured = yield* Ref.make<ReadonlyArray<Measured>>(earlier)
  const collapsed = yield* Ref.make(false)

  const halved = Effect.fnUntraced(function* (update: number) {
    const { halving } = stop
    if (halving === undefined || !halving.rungs.includes(update)) return undefined
    const reports = (yield* knownReports(queue, lease.sweep, recentUpdates(update, updates))).map((report) => ({
      ...{ id: report.id, update: report.update },
      measures: report.measures ?? {}
    }))
    if (goesOn(halving, update, reports, lease.point.id, updates)) return undefined
    const reason = `not among the best 1/${halving.factor} of those that came to update ${update}, by ${halving.measure}`
    return { outcome: "halved", reason } as const
  })

  const judge = Effect.fnUntraced(function* ({ update, metrics }: TrainingEventOf<"Progress">) {
    if (update % reportEvery !== 0 && update !== updates) return yield* lease.report({ update, of: updates })
    const measures = Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)))
    yield* lease.report({ update, of: updates, measures })
    // What was reported beyond the checkpoint that it went on from is reported again.
    const sofar = yield* Ref.updateAndGet(measured, (all) => [
      ...all.filter((report) => report.update < update),
      { update, measures }
    ])
    if (update === updates) return
    const broken = brokenBound(stop, sofar, update, updates)
    const end: EarlyEnd | undefined =
      broken === undefined ? yield* halved(update) : { outcome: "out of bounds", reason: broken }
    if (end === undefined) return
    yield* Deferred.succeed(ended, end)
    yield* interruption
  })

  const record = Effect.fnUntraced(function* (event: TrainingEvent) {
    if (event._tag === "Warned") {
      if (event.message.startsWith(collapseMessage(""))) yield* Ref.set(collapsed, true)
      if (event.message === inPlayAgain) yield* Ref.set(collapsed, false)
    }
    if (event._tag !== "Progress") return
    yield* judge(event).pipe(
      Effect.catch((error) => Effect.andThen(Deferred.fail(ended, error), interruption)),
      // What an interrupted training still says of its last update is not to be waited for.
      (judged) => (Deferred.isDoneUnsafe(ended) ? Effect.void : judged)
    )
  })
  return {
    log: TrainingLog.of({ record }),
    ended: Deferred.await(ended),
    measured: Ref.get(measured),
    collapsed: Ref.get(collapsed)
  }
})

const ownReports = (queue: TrainingQueue["Service"], { sweep, point }: Lease) =>
  Effect.map(knownReports(queue, sweep), (reports) =>
    reports.flatMap(
      ({ id, update, measures }): ReadonlyArray<Measured> =>
        id === point.id && measures !== undefined ? [{ update, measures }] : []
    )
  )

/** A lease's own sweep is known. */
const knownReports = (
  { reports }: TrainingQueue["Service"],
  sweep: string,
  within?: { readonly after: number; readonly upTo: number }
) => Effect.catchTag(reports(sweep, within), "UnknownSweepError", (error) => Effect.die(error))
