import * as Cache from "effect/Cache"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import { decodeSettings } from "../../domain/experiment/presets.ts"
import type { PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { Lease } from "../../layers/queue/TrainingQueue.ts"
import { OwnProgramError, trainRecipePoint, trainSettingsPoint } from "../sweep/trainingsOfPoints.ts"
import { asModuleError, loadRecipeFor } from "../training/recipeModule.ts"
import { datasetLayer } from "./layers.ts"
import { keepOf, placeInDatabase, placeInFolder } from "./pointPlace.ts"

/** The data of some settings. */
export const loadDataset = (settings: DatasetSettings) =>
  Effect.provide(Dataset, datasetLayer(settings), { local: true })

/**
 * What trains the points that a worker takes, each in its run's folder below `runs`, or in the database where there is none. The data and the module of the last points
 * stay loaded: most points of a sweep share them.
 */
export const pointTrainer = Effect.fnUntraced(function* (runs: Option.Option<string>) {
  const { join } = yield* Path.Path
  const dataOf = yield* Cache.make({
    capacity: 2,
    timeToLive: Duration.infinity,
    lookup: (key: string) => Effect.flatMap(Effect.orDie(readDataset(key)), loadDataset)
  })
  const recipeOf = yield* Cache.make({
    capacity: 2,
    timeToLive: Duration.infinity,
    lookup: (key: string) =>
      Effect.gen(function* () {
        const { path, values } = yield* Effect.orDie(readModule(key))
        const recipe = yield* loadRecipeFor(path, values)
        return Effect.isEffect(recipe.data) ? { ...recipe, data: yield* recipe.data } : recipe
      })
  })
  const placeOf = (lease: Lease, keep: ReturnType<typeof keepOf>) =>
    Option.match(runs, {
      onNone: () => placeInDatabase(lease, keep),
      onSome: (folder) => Effect.succeed(placeInFolder(join(folder, lease.point.id), lease, keep))
    })

  return Effect.fnUntraced(function* (lease: Lease, point: PlannedPoint) {
    const { work } = point
    if (work.kind === "program") return yield* new OwnProgramError({ point: lease.point.id, program: work.name })
    if (work.kind === "module") {
      const place = yield* placeOf(lease, keepOf(undefined, 0))
      const recipe = yield* Cache.get(recipeOf, JSON.stringify({ path: work.path, values: point.values }))
      return yield* trainRecipePoint(lease, point, recipe, place.files).pipe(
        asModuleError(work.path),
        Effect.provide(place.layer, { local: true })
      )
    }
    const settings = yield* Effect.fromResult(decodeSettings(work.settings))
    const dataset = yield* Cache.get(dataOf, JSON.stringify(settings.dataset))
    const place = yield* placeOf(lease, keepOf(settings, dataset.training.count))
    return yield* trainSettingsPoint(lease, point, settings, place.files).pipe(
      Effect.provide(place.layer, { local: true }),
      Effect.provideService(Dataset, dataset)
    )
  }, Effect.scoped)
})

const readDataset = Schema.decodeEffect(Schema.fromJsonString(DatasetSettings))
const readModule = Schema.decodeEffect(
  Schema.fromJsonString(Schema.Struct({ path: Schema.String, values: Schema.Record(Schema.String, Schema.Json) }))
)
