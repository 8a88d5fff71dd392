import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { axisPoints } from "../../domain/sweep/axisPoints.ts"
import { encodePoint, POINT_VERSION } from "../../domain/sweep/PlannedPoint.ts"
import type { IdentifiedPoint } from "../../domain/sweep/planPoints.ts"
import { canonicalJson } from "../../domain/sweep/pointIdentity.ts"
import { encodeSubmission } from "../../domain/sweep/Submission.ts"
import { decodeSweepPlan, type NumberRange, SweepPlan } from "../../domain/sweep/SweepPlan.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { layerMemory } from "../../layers/checkpoint/memory.ts"
import { layerSql as checkpointsInSql } from "../../layers/checkpoint/sql.ts"
import { layerJsonLines } from "../../layers/log/jsonLines.ts"
import { layerSql as logInSql } from "../../layers/log/sql.ts"
import { layerSilent, type TrainingLog } from "../../layers/log/TrainingLog.ts"
import { layerStore, layerStoreInMemory, type StoreOptions } from "../../layers/onDemand.ts"
import { layerLeasedFolder } from "../../layers/queue/leasedFolder.ts"
import type { QueueError } from "../../layers/queue/queueErrors.ts"
import { layerSql } from "../../layers/queue/sql.ts"
import { type Lease, TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import type { Database } from "../../layers/sql/Database.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import type { Recipe } from "../training/Recipe.ts"
import { recipePoint, requireMeasured } from "./planSweep.ts"
import { gatherSweep } from "./sweepResults.ts"
import { loggedIn, type PointFiles, trainRecipePoint } from "./trainingsOfPoints.ts"
import { work } from "./work.ts"

/** What a point of a sweep says: numbers, texts and the like by name. */
export type PointValues = Readonly<Record<string, Schema.Json>>

/** Many trainings of one kind, as a value. */
export interface Sweep<V extends PointValues = PointValues> {
  readonly plan: SweepPlan
  readonly points: ReadonlyArray<V>
  readonly seeds: ReadonlyArray<number>
  readonly recipe: (values: V) => Recipe
}

/** Every value of each name with every value of the others, the last fastest: `grid({ rate: [0.1, 0.01], units: [8, 16] })` has 4 points. */
export const grid = <A extends Readonly<Record<string, ReadonlyArray<Schema.Json>>>>(
  axes: A
): ReadonlyArray<{ readonly [K in keyof A]: A[K][number] }> =>
  Object.entries(axes).reduce<ReadonlyArray<PointValues>>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}]
    // One value of each name: what the type says, which entries do not keep.
  ) as ReadonlyArray<{ readonly [K in keyof A]: A[K][number] }>

/**
 * This many points with a random number from each range, by a seed: the first are the same however many there are. Throws a `SettingsError` if no range is given.
 */
export const random = <K extends string>(
  count: number,
  seed: number,
  ranges: Readonly<Record<K, NumberRange>>
): ReadonlyArray<Readonly<Record<K, number>>> =>
  Result.getOrThrow(axisPoints([{ random: count, seed, ranges }])) as ReadonlyArray<Readonly<Record<K, number>>>

/**
 * A sweep: the recipe that each point makes, trained with each seed. Points are values, as `grid` and `random` make them, to be joined and
 * filtered like any others. Throws a `SettingsError` for a name that no folder can have, or rules that rule nothing.
 */
export const make = <V extends PointValues>(
  name: string,
  {
    points,
    seeds,
    recipe,
    ...rules
  }: {
    readonly points: ReadonlyArray<V>
    readonly seeds: ReadonlyArray<number>
    readonly recipe: (values: V) => Recipe
  } & Pick<SweepPlan, "best" | "stop">
): Sweep<V> => ({ plan: Result.getOrThrow(decodeSweepPlan({ name, ...rules })), points, seeds, recipe })

/**
 * The queue in a database: of the workers on one machine (`sqlite:FILE`), or on many (`postgres://..`); and that database, in which runs can be kept as well
 * (`inDatabase`, `Checkpoints.sql`, `Logs.sql`). Fails as the store does that it opens.
 */
export const queueIn = (
  options: StoreOptions
): Layer.Layer<TrainingQueue | Database, QueueError, FileSystem.FileSystem | Path.Path> =>
  Layer.provideMerge(layerSql, layerStore(options))

/** A queue that lives as long as its layer, for the workers of one process. */
export const memory: Layer.Layer<TrainingQueue> = Layer.provide(layerSql, layerStoreInMemory)

/** Where a point's run is kept while it is trained under a lease. */
export type KeepRun<E = never, R = never> = (lease: Lease) => {
  readonly layer: Layer.Layer<CheckpointStore | TrainingLog, E, R>
  readonly logged: PointFiles["logged"]
}

/** For as long as a point is trained: whoever takes it over begins anew. */
const inMemory = () => ({ layer: Layer.merge(layerMemory, layerSilent), logged: Effect.succeed([]) })

/**
 * A run's checkpoints and log in a folder below this one for each point, as `fovea` keeps them: whoever takes a point over goes on from there, bit for bit.
 */
export const inFolder = (folder: string) => (lease: Lease) => {
  const own = `${folder}/${lease.point.id}`
  const run = runFolder(own)
  const stores = Layer.merge(
    layerFileSystem({ directory: run.checkpoints, onDamage: "fallback" }),
    layerJsonLines(run.log)
  )
  return { layer: Layer.provide(stores, layerLeasedFolder(own, lease)), logged: loggedIn(run.log) }
}

/**
 * A run's newest checkpoint and its log in the database of the queue, for machines that share no disk: whoever takes a point over goes on from
 * there, bit for bit, and the database refuses what a worker without the lease would write.
 */
export const inDatabase = (lease: Lease) => ({
  layer: Layer.merge(
    checkpointsInSql({ run: lease.point.id, lease, keep: 1, onDamage: "fallback" }),
    logInSql({ run: lease.point.id, lease })
  ),
  logged: Effect.succeed([])
})

/**
 * Runs a sweep on the `TrainingQueue` with this many workers in this process, and returns its results when all points have ended. Points that the queue has finished before, in this
 * sweep or another, are not trained again; a program that was killed goes on where it was if queue and checkpoints outlast it. Other processes may
 * run the same program on the same queue: each takes points that the others have not.
 *
 * Fails with a `SweepConflictError` if the queue knows another sweep of this name, with a `QueueError` if it cannot be reached, and with what the data of a
 * recipe fail with. A training that fails is a point that failed, in the results. To rank or stop by what no recipe's program puts out is a defect.
 */
export const run = Effect.fn("Sweep.run")(function* <V extends PointValues, E extends Error = never, R = never>(
  sweep: Sweep<V>,
  { workers = 1, keep = inMemory }: { readonly workers?: number; readonly keep?: KeepRun<E, R> } = {}
) {
  const queue = yield* TrainingQueue
  const { name: engine } = yield* TensorBackend
  const { makeTempDirectoryScoped } = yield* FileSystem.FileSystem
  const { plan } = sweep
  yield* Effect.orDie(requireMeasured(plan, sweep.points.map(sweep.recipe)))
  const recipes = new Map<string, Recipe>()
  const planned: Array<IdentifiedPoint> = []
  for (const values of sweep.points) {
    const recipe = sweep.recipe(values)
    for (const seed of sweep.seeds) {
      const work = { kind: "program", name: recipe.program.name } as const
      const point = yield* Effect.provide(recipePoint(recipe, { values, seed, work }, plan, engine), layerSilent)
      recipes.set(point.id, recipe)
      planned.push(point)
    }
  }
  const points = [...new Map(planned.map((point) => [point.id, point])).values()]
  const text = encodeSubmission(JSON.parse(canonicalJson(Schema.encodeSync(SweepPlan)(plan))), engine, points)
  yield* queue.submit(
    { name: plan.name, plan: text },
    points.map(({ id, point }) => ({ id, payload: encodePoint(point), version: POINT_VERSION, engine }))
  )
  const one = (worker: number) =>
    work({
      name: `${plan.name} ${worker}`,
      engine,
      only: plan.name,
      train: (lease, point) => {
        const recipe = recipes.get(lease.point.id)
        if (recipe === undefined)
          return Effect.die(new Error(`${lease.point.id} is no point of the sweep ${plan.name}`))
        const { layer, logged } = keep(lease)
        return makeTempDirectoryScoped({ prefix: "fovea-sweep-" }).pipe(
          Effect.flatMap((figures) =>
            trainRecipePoint(lease, point, recipe, { figures, keep: () => Effect.void, logged })
          ),
          Effect.provide(layer, { local: true }),
          Effect.scoped
        )
      }
    })
  yield* Effect.all(
    Array.from({ length: workers }, (_, i) => one(i + 1)),
    { concurrency: "unbounded" }
  )
  return (yield* gatherSweep(plan.name)).results
})
