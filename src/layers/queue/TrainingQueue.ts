import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { LeaseLostError, QueueError, SweepConflictError, UnknownSweepError } from "./queueErrors.ts"

/** A name that messages show and that a folder can carry. */
const Name = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
    expected: "1 to 128 letters, digits, dots, dashes or underscores, first a letter or digit"
  })
)

/** One training of a sweep. The queue does not look into it. */
export const SweepPoint = Schema.Struct({
  /** The digest of what decides its numbers: of two points with one id, one is trained. */
  id: Name,
  /** JSON: what a worker needs to train it. */
  payload: Schema.String,
  /** Of the payload's format. A worker takes only versions that it knows. */
  version: Schema.Int.check(Schema.isGreaterThan(0)),
  /** The engine that it is to be trained by, such as `onnxruntime-cpu`. */
  engine: Schema.String
})
export type SweepPoint = typeof SweepPoint.Type

/** A sweep as it is submitted: its name and its plan, whose text must be the same for the same plan. */
export const SubmittedSweep = Schema.Struct({ name: Name, plan: Schema.String })
export type SubmittedSweep = typeof SubmittedSweep.Type

/** What became of the points of a submission. `present` were in the store already; of those, `finished` have their results. */
export interface Submission {
  readonly added: number
  readonly present: number
  readonly finished: number
}

/** Who takes points. */
export interface QueueWorker {
  /** For messages and status, such as `host:4711`. */
  readonly name: string
  /** The versions of payloads that it knows. */
  readonly versions: ReadonlyArray<number>
  readonly engine: string
  /** Ids of points that it does not take: those whose data differ here, for example. */
  readonly except?: ReadonlyArray<string> | undefined
  /** The one sweep whose points it takes; those of all if not given. */
  readonly only?: string | undefined
}

/** How far a training is, and what was measured there. */
export const Report = Schema.Struct({
  /** Updates done, and how many there will be. */
  update: Schema.Int,
  of: Schema.Int,
  /** Kept for each update; what says nothing new is left out. */
  measures: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
})
export type Report = typeof Report.Type

/** How far a training is. */
export type Progress = Pick<Report, "update" | "of">

export const PointState = Schema.Literals(["waiting", "running", "finished", "failed", "cancelled"])
export type PointState = typeof PointState.Type

/** A point as the queue knows it. */
export interface PointRecord {
  readonly point: SweepPoint
  readonly state: PointState
  /** How often a worker has taken it. */
  readonly attempts: number
  /** The last token that was given out for it; 0 if none was. */
  readonly token: number
  /** Who holds it, or held it last. */
  readonly worker: Option.Option<string>
  readonly progress: Option.Option<Progress>
  /** What `finish` was given. */
  readonly result: Option.Option<string>
  /** What `fail` was given, or why the queue gave it up. */
  readonly error: Option.Option<string>
  /** Milliseconds since 1970 by the store's clock: when it was last taken, and when it ended. */
  readonly taken: Option.Option<number>
  readonly ended: Option.Option<number>
}

/** A sweep in short. */
export interface SweepStatus {
  readonly name: string
  readonly cancelled: boolean
  /** Milliseconds since 1970 by the store's clock. */
  readonly submitted: number
  readonly points: Readonly<Record<PointState, number>>
  /** What is being trained. `silent`: seconds since the holder last showed that it lives. */
  readonly running: ReadonlyArray<{
    readonly id: string
    readonly worker: string
    readonly progress: Option.Option<Progress>
    readonly silent: number
  }>
}

/** What a worker can expect when there is nothing to take. */
export interface Outlook {
  /** Points that it could take now, and those that others are training. */
  readonly waiting: number
  readonly running: number
  /** Waiting points that it may not take, by what they ask for. */
  readonly unfit: ReadonlyArray<{ readonly version: number; readonly engine: string; readonly count: number }>
}

/**
 * The right to train a point, and the only way to say something about it. A lease that is not renewed in time may be given to
 * another, with a higher token; from then on everything here fails with a `LeaseLostError`, checked by the store in the same
 * transaction as what is written.
 */
export interface Lease {
  readonly point: SweepPoint
  /** A sweep that the point belongs to. */
  readonly sweep: string
  /** Greater than that of every earlier holder of this point. */
  readonly token: number
  /** 1 for the first worker that takes the point. */
  readonly attempt: number
  /** What earlier holders reported last. */
  readonly progress: Option.Option<Progress>
  /** Shows that the holder lives. */
  readonly renew: Effect.Effect<void, LeaseLostError | QueueError>
  /** Renews, and keeps how far the training is. */
  readonly report: (report: Report) => Effect.Effect<void, LeaseLostError | QueueError>
  /** Ends the point with its result (JSON). Once it succeeds, the point is never trained again. May be repeated. */
  readonly finish: (result: string) => Effect.Effect<void, LeaseLostError | QueueError>
  /** Ends the point with an error, until `retry`. May be repeated. */
  readonly fail: (error: string) => Effect.Effect<void, LeaseLostError | QueueError>
  /** Gives the point back, to be gone on with by whoever takes it next. What is lost already is not given back. */
  readonly release: Effect.Effect<void, QueueError>
}

/**
 * How long a lease holds without a renewal, how often `holdLease` renews it, and after how many workers in a row that vanished
 * without reporting any progress a point counts as failed.
 */
export const LeaseTimes = Context.Reference<{
  readonly lease: Duration.Duration
  readonly beat: Duration.Duration
  readonly fruitless: number
}>("fovea/layers/LeaseTimes", {
  defaultValue: () => ({ lease: Duration.seconds(60), beat: Duration.seconds(15), fruitless: 10 })
})

/**
 * Hands out the points of sweeps to workers, one holder at a time, and keeps what they report. A point belongs to every sweep
 * that was submitted with it; it is trained once.
 */
export class TrainingQueue extends Context.Service<
  TrainingQueue,
  {
    /** For messages: `memory`, `sqlite:FILE`, or `postgres://USER@HOST/DATABASE` without its password. */
    readonly location: string
    /**
     * Adds a sweep and those of its points that are not in the store, all or nothing. The same plan may be submitted again: what is
     * missing is added, what was cancelled waits again. Another plan of this name is refused.
     */
    readonly submit: (
      sweep: SubmittedSweep,
      points: ReadonlyArray<SweepPoint>
    ) => Effect.Effect<Submission, SweepConflictError | QueueError>
    /** Takes a point that waits, or whose holder has been silent for longer than its lease; none if there is none for this worker. */
    readonly claim: (worker: QueueWorker) => Effect.Effect<Option.Option<Lease>, QueueError>
    /** What there is for this worker: for when `claim` gives nothing. */
    readonly outlook: (worker: QueueWorker) => Effect.Effect<Outlook, QueueError>
    /** All sweeps, in the order in which they were submitted. */
    readonly status: Effect.Effect<ReadonlyArray<SweepStatus>, QueueError>
    /** The plan that a sweep was submitted with. */
    readonly plan: (sweep: string) => Effect.Effect<string, UnknownSweepError | QueueError>
    /** All points of a sweep, in the plan's order. */
    readonly results: (sweep: string) => Effect.Effect<ReadonlyArray<PointRecord>, UnknownSweepError | QueueError>
    /** What was reported with measures, of all points of a sweep, by point and update; of updates behind `after` up to `upTo` alone, if given. */
    readonly reports: (
      sweep: string,
      within?: { readonly after: number; readonly upTo: number }
    ) => Effect.Effect<ReadonlyArray<Report & { readonly id: string }>, UnknownSweepError | QueueError>
    /** No point of this sweep is trained further unless another sweep has it too; holders lose their leases. How many ended so. */
    readonly cancel: (sweep: string) => Effect.Effect<number, UnknownSweepError | QueueError>
    /** Its failed and cancelled points wait again. How many. */
    readonly retry: (sweep: string) => Effect.Effect<number, UnknownSweepError | QueueError>
  }
>()("fovea/layers/TrainingQueue") {}
