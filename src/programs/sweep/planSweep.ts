import * as Effect from "effect/Effect"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import type { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import type { AxisValues } from "../../domain/sweep/axisPoints.ts"
import type { PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import {
  combinationsOf,
  fittedPoint,
  type IdentifiedPoint,
  measuredBy,
  requireMeasures,
  settingsPoints,
  timesOf
} from "../../domain/sweep/planPoints.ts"
import { pointId } from "../../domain/sweep/pointIdentity.ts"
import type { SweepPlan } from "../../domain/sweep/SweepPlan.ts"
import { noData } from "../../layers/dataset/BatchSource.ts"
import type { Dataset } from "../../layers/dataset/Dataset.ts"
import { sha256 } from "../../layers/file/sha256.ts"
import type { Recipe } from "../training/Recipe.ts"
import { loadRecipeFor } from "../training/recipeModule.ts"
import { shardCount } from "../training/runProgram.ts"

/** What planning must look at: the engine that trains, and the data that it is trained on. */
export interface PlanSources<E, R> {
  readonly engine: string
  /** The data set of some settings; asked once for each. */
  readonly dataset: (settings: DatasetSettings) => Effect.Effect<Dataset["Service"], E, R>
}

/**
 * The points of a plan, each once: settings that come to the same numbers are one point. The data are loaded, to be known by their digests. Fails with a
 * `SettingsError` that names what is at fault, with a `ModuleError`, or with what the data fail with; nothing is queued by it.
 */
export const planSweep = Effect.fn("Sweep.plan")(function* <E, R>(
  plan: SweepPlan,
  { engine, dataset }: PlanSources<E, R>
) {
  const points =
    plan.module === undefined
      ? yield* settingsOf(plan, engine, dataset)
      : yield* modulePoints(plan, plan.module, engine)
  return [...new Map(points.map((point) => [point.id, point])).values()]
})

const settingsOf = Effect.fnUntraced(function* <E, R>(
  plan: SweepPlan,
  engine: string,
  dataset: PlanSources<E, R>["dataset"]
) {
  const points = yield* Effect.fromResult(settingsPoints(plan))
  yield* Effect.fromResult(requireMeasures(plan, distinct(points.map(({ settings }) => measuredBy(settings)))))
  const loaded = new Map<string, Dataset["Service"]>()
  return yield* Effect.forEach(points, (point) =>
    Effect.gen(function* () {
      const key = JSON.stringify(point.settings.dataset)
      const known = loaded.get(key) ?? (yield* dataset(point.settings.dataset))
      loaded.set(key, known)
      const { name, digests, training } = known
      const { channels, height, width, count } = training
      const data = { name, digests, count, format: { channels, height, width } }
      return yield* Effect.fromResult(fittedPoint(plan, point, data, engine, sha256))
    })
  )
})

const modulePoints = Effect.fnUntraced(function* (plan: SweepPlan, path: string, engine: string) {
  const [first] = yield* Effect.fromResult(combinationsOf({ ...plan, seeds: [0] }, 0))
  const { seed } = yield* loadRecipeFor(path, first?.values ?? {})
  const combinations = yield* Effect.fromResult(combinationsOf(plan, seed))
  const recipes = yield* Effect.forEach(combinations, (combination) =>
    Effect.map(loadRecipeFor(path, combination.values), (recipe) => ({ recipe, combination }))
  )
  yield* requireMeasured(
    plan,
    recipes.map(({ recipe }) => recipe)
  )
  return yield* Effect.forEach(recipes, ({ recipe, combination }) =>
    recipePoint(recipe, { ...combination, work: { kind: "module", path } }, plan, engine)
  )
})

/** Fails with a `SettingsError` if a plan ranks, bounds or halves by what no program of these puts out. */
export const requireMeasured = (plan: Pick<SweepPlan, "best" | "stop">, recipes: ReadonlyArray<Recipe>) =>
  Effect.fromResult(requireMeasures(plan, distinct(recipes.map(({ program }) => Object.keys(program.outputs)))))

const distinct = (lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [...new Set(lists.flat())]

/** A recipe as a point: what of it decides its numbers is its program, whatever file it comes from. */
export const recipePoint = Effect.fnUntraced(function* (
  recipe: Recipe,
  { values, seed, work }: { readonly values: AxisValues; readonly seed: number; readonly work: PlannedPoint["work"] },
  plan: Pick<SweepPlan, "stop" | "images">,
  engine: string
) {
  const source = (Effect.isEffect(recipe.data) ? yield* recipe.data : recipe.data) ?? noData()
  const { updates, program, shards = shardCount(program), logEvery = Math.ceil(updates / 50) } = recipe
  const perEpoch = Math.max(1, updatesPerEpoch(source.count, program.batchSize ?? source.count))
  const point: PlannedPoint = {
    ...{ values, seed, work, updates, shards },
    data: { name: source.name, digests: source.digests },
    ...timesOf(plan, updates, perEpoch, logEvery)
  }
  const planned: IdentifiedPoint = {
    id: pointId({ kind: "program", program, seed }, { ...point, engine }, sha256),
    point
  }
  return planned
})
