import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { dataDifference } from "../../domain/experiment/dataIdentity.ts"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { grid } from "../../domain/image/grid.ts"
import { rastersOf } from "../../domain/image/Raster.ts"
import { own } from "../../domain/record/own.ts"
import type { PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import type { PointResult } from "../../domain/sweep/PointResult.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { noData } from "../../layers/dataset/BatchSource.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { readBounded } from "../../layers/file/readBounded.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import type { Lease } from "../../layers/queue/TrainingQueue.ts"
import { runSampler } from "../sampling/runSampler.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import type { OpenRun } from "../training/openRun.ts"
import { type Recipe, trainRecipe } from "../training/Recipe.ts"
import { runExperiment } from "../training/runExperiment.ts"
import type { Snapshot } from "../training/Training.ts"
import { trainPoint } from "./trainPoint.ts"

/** A worker finds other data than a point was planned for: another one may have the right ones. */
export class OtherDataError extends Schema.TaggedError<OtherDataError>()("OtherDataError", {
  point: Schema.String,
  name: Schema.String,
  difference: Schema.String
}) {
  override get message(): string {
    return `Point ${this.point} is not trained here: this machine has other data for ${this.name} than the one that submitted it: ${this.difference}`
  }

  /** Behind a number of points. */
  get why(): string {
    return `for other data than there are here: ${this.difference}`
  }
}

/** A point of a program in code, which only that program can train. */
export class OwnProgramError extends Schema.TaggedError<OwnProgramError>()("OwnProgramError", {
  point: Schema.String,
  program: Schema.String
}) {
  override get message(): string {
    return `Point ${this.point} is not trained here: it belongs to a program that calls Sweep.run (${this.program})`
  }

  /** Behind a number of points. */
  get why(): string {
    return `of a program that calls Sweep.run (${this.program}): run that`
  }
}

/** What a point leaves besides its checkpoints. */
export interface PointFiles {
  /** The folder that image grids are drawn into, and what is done with each. */
  readonly figures: string
  readonly keep: (path: string) => Effect.Effect<void, Error>
  /** What its log tells, where it has one that the queue may not know. */
  readonly logged: Effect.Effect<ReadonlyArray<TrainingEvent>, Error, FileSystem.FileSystem>
}

/** The events of the log at a path; none where there is no log. */
export const loggedIn = (path: string): PointFiles["logged"] =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* Effect.orElseSucceed(fs.exists(path), () => false))) return []
    return (yield* readJsonLines(path)).records.map(({ event }) => event)
  })

/**
 * Trains a point of a bundled system on the `Dataset`, and draws its samples. Fails with an `OtherDataError` if the data are not
 * those that the point was planned for, and as `trainPoint` does.
 */
export const trainSettingsPoint = Effect.fn("Sweep.trainSettings")(function* (
  lease: Lease,
  point: PlannedPoint,
  settings: ExperimentSettings,
  files: PointFiles
) {
  const { name, digests } = yield* Dataset
  yield* requireData(lease, point, { name, digests })
  const draw = Effect.fnUntraced(function* ({ model, settings: { seed } }: OpenRun, { update, tensors }: Snapshot) {
    return [yield* writeGrid(files, update, yield* sampleImages(model, tensors, { count: point.images.samples, seed }))]
  })
  const result = yield* trainPoint(lease, point, runExperiment(settings, draw, point.images.everyUpdates), files.logged)
  return yield* withImages(result, files)
})

/** Trains a point of a recipe, and draws samples if its sampler draws `images`. As `trainSettingsPoint`. */
export const trainRecipePoint = Effect.fn("Sweep.trainRecipe")(function* (
  lease: Lease,
  point: PlannedPoint,
  { show: _, ...recipe }: Recipe,
  files: PointFiles
) {
  const source = (Effect.isEffect(recipe.data) ? yield* recipe.data : recipe.data) ?? noData()
  yield* requireData(lease, point, source)
  const { seed, shards, updates, reportEvery: logEvery } = point
  const { samples, everyUpdates } = point.images
  const draw = Effect.fnUntraced(function* ({ update, tensors }: Snapshot) {
    if (recipe.sampler === undefined) return []
    const drawn = yield* Effect.result(runSampler(recipe.sampler(samples), tensors, { count: samples, seed: 0 }))
    const images = drawn._tag === "Success" ? own<TensorData>(drawn.success, "images") : undefined
    return images?.shape.length === 4 ? [yield* writeGrid(files, update, images)] : []
  })
  const timed = { ...recipe, data: source, seed, shards, updates, logEvery }
  const train = trainRecipe(timed, files.figures, { everyUpdates, draw })
  return yield* withImages(yield* trainPoint(lease, point, train, files.logged), files)
})

const requireData = (
  { point }: Lease,
  { data }: PlannedPoint,
  found: { readonly name: string; readonly digests: PlannedPoint["data"]["digests"] }
) => {
  const difference = dataDifference(data.digests, found.digests)
  return difference === undefined
    ? Effect.void
    : Effect.fail(new OtherDataError({ point: point.id, name: data.name, difference }))
}

const gridFile = /^update-(\d+)\.png$/

/** A grid of samples `[n, channels, B, A]`, as square as may be; returns its path. */
const writeGrid = Effect.fnUntraced(function* (files: PointFiles, update: number, images: TensorData) {
  const writer = yield* ImageWriter
  const { join } = yield* Path.Path
  const path = join(files.figures, `update-${String(update).padStart(8, "0")}.png`)
  const rasters = rastersOf(images)
  yield* writer.writePng(path, grid(rasters, { columns: Math.ceil(Math.sqrt(rasters.length)), gap: 1 }))
  yield* files.keep(path)
  return path
})

/** The bytes of a grid at most: 64 small images are some 50 kB. */
const mostBytes = 4 * 2 ** 20

const withImages = Effect.fnUntraced(function* (result: Omit<PointResult, "images">, { figures }: PointFiles) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const names = yield* Effect.orElseSucceed(fs.readDirectory(figures), () => [])
  const images = yield* Effect.forEach(names.toSorted(), (name) => {
    const update = gridFile.exec(name)?.[1]
    if (update === undefined) return Effect.succeed([])
    return Effect.map(readBounded(fs, join(figures, name), mostBytes), (bytes) => [
      { update: Number(update), mediaType: "image/png", base64: Base64.encode(bytes) }
    ])
  })
  const whole: PointResult = { ...result, images: images.flat().filter(({ update }) => update <= result.update) }
  return whole
})
