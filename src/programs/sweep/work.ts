import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodePoint, type PlannedPoint, POINT_VERSION } from "../../domain/sweep/PlannedPoint.ts"
import { encodeResult, type PointResult } from "../../domain/sweep/PointResult.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { holdLease } from "../../layers/queue/holdLease.ts"
import { LeaseLostError, QueueError } from "../../layers/queue/queueErrors.ts"
import { type Lease, type Outlook, type QueueWorker, TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { OtherDataError, OwnProgramError } from "./trainingsOfPoints.ts"

/** Points wait that this worker may not train, and no others. */
export class UnfitWorkerError extends Schema.TaggedError<UnfitWorkerError>()("UnfitWorkerError", {
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

/** Who trains points, and how. */
export interface WorkOptions<E, R> {
  /** For status and messages. */
  readonly name: string
  /** The engine that it computes by: it takes no points that ask for another. */
  readonly engine: string
  readonly train: (lease: Lease, point: PlannedPoint) => Effect.Effect<PointResult, E, R>
  /** The one sweep whose points it trains; those of all if left out. */
  readonly only?: string | undefined
  /** Whether it waits for further sweeps when everything is done. */
  readonly stay?: boolean
  /** Told of each point as it ends here. */
  readonly told?: (lease: Lease, point: PlannedPoint, result: PointResult) => Effect.Effect<void>
}

/** Between two looks for work: soon at first, then seldom. */
const [firstPause, longestPause] = [100, 5000]

/**
 * Trains points of the `TrainingQueue`, one after the other, until none is left that it could train, now or should another worker vanish. A training that fails is
 * the point's failure and not the worker's. Interrupted, it gives the point that it is at back.
 *
 * Fails with an `UnfitWorkerError` if only points are left that ask for another engine or version, or for other data or another program; with a `QueueError` if the
 * queue cannot be reached, and with an `UnknownSweepError` if it is to train one sweep that is not there, unless it waits for further ones.
 */
export const work = Effect.fn("Sweep.work")(function* <E extends { readonly message: string }, R>({
  name,
  engine,
  train,
  only,
  stay = false,
  told = () => Effect.void
}: WorkOptions<E, R>) {
  const queue = yield* TrainingQueue
  if (only !== undefined && !stay) yield* queue.plan(only)
  const elsewhere = new Map<string, string>()
  let pause = firstPause
  for (;;) {
    const worker: QueueWorker = { name, engine, only, versions: [POINT_VERSION], except: [...elsewhere.keys()] }
    const lease = yield* queue.claim(worker)
    if (Option.isSome(lease)) {
      pause = firstPause
      const refused = yield* trainLeased(lease.value, train, told)
      if (refused !== undefined) elsewhere.set(lease.value.point.id, refused.why)
      continue
    }
    const outlook = yield* queue.outlook(worker)
    if (!stay && outlook.waiting === 0 && outlook.running === 0) {
      const problem = unfitProblem(engine, outlook, elsewhere)
      return problem === undefined ? undefined : yield* new UnfitWorkerError({ problem })
    }
    yield* Effect.sleep(Duration.millis(pause))
    pause = Math.min(longestPause, pause * 2)
  }
})

/** Trains one point to its result or failure; the error if it can only be trained elsewhere, and was given back. */
const trainLeased = Effect.fnUntraced(function* <E extends { readonly message: string }, R>(
  lease: Lease,
  train: WorkOptions<E, R>["train"],
  told: NonNullable<WorkOptions<E, R>["told"]>
) {
  const read = decodePoint(lease.point.payload)
  if (Result.isFailure(read)) {
    yield* lease.fail(`its description cannot be read: ${read.failure}`)
    return undefined
  }
  const point = read.success
  const ended = yield* train(lease, point).pipe(
    Effect.tap((result) => lease.finish(encodeResult(result))),
    holdLease(lease),
    Effect.onInterrupt(() => Effect.ignore(lease.release)),
    Effect.exit
  )
  if (Exit.isSuccess(ended)) {
    yield* told(lease, point, ended.value)
    return undefined
  }
  if (Cause.hasInterrupts(ended.cause)) return yield* Effect.failCause(ended.cause)
  const error: unknown = Cause.squash(ended.cause)
  if (error instanceof LeaseLostError) {
    yield* Effect.logWarning(error.message)
    return undefined
  }
  if (error instanceof QueueError) return yield* error
  if (error instanceof OtherDataError || error instanceof OwnProgramError) {
    yield* Effect.logWarning(error.message)
    yield* lease.release
    return error
  }
  const message = error instanceof Error ? error.message : String(error)
  yield* Effect.logWarning(`Point ${lease.point.id} failed: ${message}`)
  yield* Effect.catchTag(lease.fail(message), "LeaseLostError", (lost) => Effect.logWarning(lost.message))
  return undefined
})

const unfitProblem = (
  engine: string,
  { unfit }: Outlook,
  elsewhere: ReadonlyMap<string, string>
): string | undefined => {
  const asked = unfit.map(({ count, version, engine: other }) =>
    version === POINT_VERSION
      ? `${pointsOf(count)} for the engine ${other}, and this worker computes by ${engine}: start one with --backend for it`
      : `${pointsOf(count)} of version ${version}, and this worker knows version ${POINT_VERSION}: start one of that version of Fovea`
  )
  const [why] = elsewhere.values()
  const data = why === undefined ? [] : [`${pointsOf(elsewhere.size)} ${why}`]
  const all = [...asked, ...data]
  return all.length === 0 ? undefined : `Left are ${all.join("; ")}.`
}

const pointsOf = (count: number): string => `${formatCount(count)} ${count === 1 ? "point" : "points"}`
