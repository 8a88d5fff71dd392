import * as Console from "effect/Console"
import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { queuedRun } from "../../domain/paper/plan/queuedRun.ts"
import { type PlannedRun, ReproductionPlan } from "../../domain/paper/plan/ReproductionPlan.ts"
import { encodePoint, POINT_VERSION } from "../../domain/sweep/PlannedPoint.ts"
import { canonicalJson } from "../../domain/sweep/pointIdentity.ts"
import { encodeSubmission } from "../../domain/sweep/Submission.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import type { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { sha256 } from "../../layers/file/sha256.ts"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { copyRun } from "../sweep/copyRun.ts"
import { wholeNumber } from "./flags.ts"
import { keptRunOf } from "./pointPlace.ts"
import { runsFlag, runsFolder, storeAddress, storeFlag, storeLayer } from "./storeFlag.ts"
import { PointsFailedError, type TrainerServices, trainSweep } from "./trainSweep.ts"
import { UsageError } from "./userError.ts"
import { mostJobs } from "./workerCommand.ts"

/** Flags of a reproduction whose trainings go through a sweep's queue. */
export const queueFlags = {
  queue: Flag.Boolean("queue").pipe(
    Flag.withDescription(
      "train by the queue of sweeps, several trainings at the same time: any `fovea worker` of the store takes part"
    ),
    Flag.withDefault(false)
  ),
  store: storeFlag,
  runs: runsFlag,
  jobs: wholeNumber("jobs", 0, mostJobs).pipe(
    Flag.withDescription(
      "with --queue: processes that train here at the same time (default: one for each core); 0 leaves it to workers elsewhere"
    ),
    Flag.optional
  )
}

/** On which queue, and by whom. */
interface Queued {
  readonly store: Option.Option<string>
  readonly runs: Option.Option<string>
  readonly jobs: Option.Option<number>
  readonly backend: Option.Option<string>
  readonly quiet: boolean
}

/** What the flags ask for; none without `--queue`. Fails with a `UsageError` for a flag that says nothing without it. */
export const queueOf = Effect.fnUntraced(function* (
  { queue, ...flags }: Pick<Queued, "store" | "runs" | "jobs"> & { readonly queue: boolean },
  others: Pick<Queued, "backend" | "quiet">
) {
  if (queue) return Option.some<Queued>({ ...flags, ...others })
  const { store, runs, jobs } = flags
  const given = Object.entries({ store: Option.isSome(store), runs: Option.isSome(runs), jobs: Option.isSome(jobs) })
  const alone = given.find(([, isGiven]) => isGiven)
  if (alone !== undefined) return yield* new UsageError({ flag: `--${alone[0]}`, problem: "goes with --queue" })
  return Option.none<Queued>()
})

/** Seconds after which the point of a worker that was not heard of is another's. */
const lease = 60

/**
 * Trains those of a reproduction's runs that have not begun in their folders on the queue, and brings what each has kept into its folder once all have ended.
 * Those that have begun are left to go on there. `stores`: where a run keeps its checkpoints.
 *
 * Fails with a `PointsFailedError` if any was not trained; the others are in their folders then.
 */
export const trainOnQueue = Effect.fnUntraced(function* <E, R>(
  plan: ReproductionPlan,
  places: ReadonlyArray<{ readonly run: PlannedRun; readonly place: RunFolder }>,
  { store, runs, jobs, ...worker }: Queued,
  stores: (place: RunFolder, settings: ExperimentSettings) => Layer.Layer<CheckpointStore | Milestones, E, R>
): Effect.fn.Return<void, Error | E, TrainerServices | Dataset | TensorBackend | R> {
  const { name, digests, training } = yield* Dataset
  const { name: engine } = yield* TensorBackend
  const { channels, height, width, count } = training
  const data = { name, digests, count, format: { channels, height, width } }
  const open = yield* Effect.filter(places, ({ run, place }) =>
    Effect.provide(isUntouched, stores(place, run.settings), { local: true })
  )
  if (open.length === 0) return
  const queued = open.map(({ run, place }) => ({ run, place, planned: queuedRun(run, data, engine, sha256) }))
  const points = queued.map(({ planned }) => planned)
  const sweep = `${plan.name}-${sha256(canonicalJson(points.map(({ id }) => id))).slice(0, 8)}`
  const text = encodeSubmission(JSON.parse(canonicalJson(encodePlan(plan))), engine, points)
  const address = yield* storeAddress(store)

  yield* Effect.gen(function* () {
    const queue = yield* TrainingQueue
    const { added, present, finished } = yield* queue.submit(
      { name: sweep, plan: text },
      points.map(({ id, point }) => ({ id, payload: encodePoint(point), version: POINT_VERSION, engine }))
    )
    const left = added + present - finished
    yield* Console.log(
      terminalTable([
        `${open.length} ${open.length === 1 ? "training" : "trainings"} as the sweep ${sweep} in ${queue.location}, ${left} to be done: fovea worker takes part`
      ])
    )
    yield* trainSweep(sweep, { ...worker, store, runs, lease, jobs, left })
    const records = new Map((yield* queue.results(sweep)).map((record) => [record.point.id, record]))
    const failed: Array<string> = []
    for (const { run, place, planned } of queued) {
      const record = records.get(planned.id)
      if (record?.state === "finished") {
        const kept = yield* keptRunOf(planned.id, runsFolder(address, runs))
        yield* copyRun(kept, place.log).pipe(
          Effect.provide(stores(place, run.settings), { local: true }),
          holdFolder(place.folder)
        )
      } else {
        failed.push(record === undefined ? "it is gone" : Option.getOrElse(record.error, () => `it is ${record.state}`))
      }
    }
    const [first] = failed
    if (first !== undefined) return yield* new PointsFailedError({ sweep, failed: failed.length, first })
  }).pipe(Effect.provide(storeLayer(address, true), { local: true }))
})

const isUntouched = Effect.map(
  Effect.flatMap(CheckpointStore, ({ list }) => list),
  (updates) => updates.length === 0
)

const encodePlan = Schema.encodeSync(ReproductionPlan)
