/**
 * What to expect from few images: `node test/bench/smallDigits.ts [--counts 50,200,2000] [--out runs/small-digits] [--figures docs/data]`.
 *
 * For each number it writes the first training images of MNIST, as many of each digit, as a folder of PNG files, trains on it with
 * `fovea train --dataset folder:PATH` and nothing else, and draws `small-COUNT.png`: training images, samples in the course of the
 * training, and under the last samples the training images that they are nearest to. It prints how near they are (`memorisation`).
 * Each training is an ordinary run: what is there is gone on with. A few minutes each.
 */
import { execFileSync } from "node:child_process"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type ImageSet, imageSize } from "../../src/domain/data/Images.ts"
import { blocksFigure } from "../../src/domain/image/blocks.ts"
import { rastersOf } from "../../src/domain/image/Raster.ts"
import { memorisation } from "../../src/domain/metrics/memorisation.ts"
import { type TensorData, tensorData } from "../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { updatesIn } from "../../src/layers/checkpoint/checkpointFolder.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { ImageWriter } from "../../src/layers/image/ImageWriter.ts"
import { layerSharp } from "../../src/layers/image/sharp.ts"
import { chosenCheckpoint, layerChosen } from "../../src/programs/checkpoint/chosenCheckpoint.ts"
import { openCheckpoint } from "../../src/programs/checkpoint/openCheckpoint.ts"
import { datasetLayer } from "../../src/programs/cli/layers.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"
import { sampleImages } from "../../src/programs/sampling/Sampling.ts"

const { values: flags } = parseArgs({
  options: {
    counts: { type: "string", default: "50,200,2000" },
    out: { type: "string", default: "runs/small-digits" },
    figures: { type: "string", default: "docs/data" }
  }
})
const counts = flags.counts.split(",").map(Number)
if (!counts.every((count) => Number.isSafeInteger(count) && count >= 10)) {
  throw new RangeError("--counts takes numbers of at least 10 images, 50,200,2000")
}

/** Images in a row of the figure. */
const columns = 16
/** Updates after which samples are shown, or after the nearest milestone. */
const shown = [500, 1000, 2000, 4000]
/** Samples whose nearness is measured. */
const measured = 500

/** Writes the first `count` images as files, no digit more often than a tenth. */
const writeImages = Effect.fnUntraced(function* (images: ImageSet, count: number, folder: string) {
  const { writePng } = yield* ImageWriter
  const { labels, height, width } = images
  const size = imageSize(images)
  const taken = new Map<number, number>()
  let written = 0
  for (let n = 0; n < images.count && written < count; n++) {
    const digit = labels?.[n] ?? 0
    const before = taken.get(digit) ?? 0
    if (before >= Math.ceil(count / 10)) continue
    taken.set(digit, before + 1)
    const pixels = images.pixels.subarray(n * size, (n + 1) * size)
    yield* writePng(join(folder, `${String(n).padStart(5, "0")}.png`), { height, width, channels: 1, pixels })
    written++
  }
})

const samplesAfter = Effect.fnUntraced(function* (run: string, update: number, count: number) {
  const name = { path: run, update: Option.some(update), epoch: Option.none<number>(), field: "--out" }
  const chosen = yield* chosenCheckpoint(name)
  const { model, tensors, seed } = yield* Effect.provide(openCheckpoint, layerChosen(chosen, "stop"))
  return yield* sampleImages(model, tensors, { count, seed })
})

/** Images `[n, channels, B, A]` at some places. */
const pick = ({ shape: [, ...image], values }: TensorData, places: ReadonlyArray<number>): TensorData => {
  const size = image.reduce((product, length) => product * length, 1)
  const picked = new Float32Array(places.length * size)
  for (const [n, place] of places.entries()) picked.set(values.subarray(place * size, (place + 1) * size), n * size)
  return tensorData([places.length, ...image], picked)
}

const first = (images: TensorData): TensorData =>
  pick(
    images,
    Array.from({ length: columns }, (_, n) => n)
  )

const show = Effect.fnUntraced(function* (count: number) {
  const folder = join(flags.out, String(count))
  const [rasters, run] = [join(folder, "rasters"), join(folder, "run")]
  yield* writeImages((yield* Effect.provide(Dataset, layerMnist)).training, count, rasters)
  yield* Effect.sync(() => {
    const train = ["src/programs/main.ts", "train", "--dataset", `folder:${rasters}`, "--out", run]
    execFileSync(process.execPath, train, { stdio: "inherit" })
  })
  const data = yield* Effect.provide(Dataset, datasetLayer({ kind: "folder", directory: rasters }))
  const training = firstImages(data.training, data.training.count)
  const there = updatesIn(yield* Effect.promise(() => readdir(join(run, "milestones"))))
  const milestones = shown.map((wanted) =>
    there.reduce((best, update) => (Math.abs(update - wanted) < Math.abs(best - wanted) ? update : best))
  )
  const course = yield* Effect.forEach(milestones, (update) => samplesAfter(run, update, measured))
  const last = course.at(-1) ?? training
  const copies = yield* Effect.fromResult(memorisation(last, training, firstImages(data.test, data.test.count)))
  const figure = blocksFigure({
    blocks: [
      {
        heading: `Some of the ${data.training.count} training images`,
        rasters: rastersOf(first(training)),
        columns
      },
      {
        heading: "Samples after so many updates",
        rasters: course.flatMap((samples) => rastersOf(first(samples))),
        columns,
        rowLabels: milestones.map(String)
      },
      {
        heading: "Training images that the last samples are nearest to",
        rasters: rastersOf(pick(training, [...copies.nearest.indices.subarray(0, columns)])),
        columns
      }
    ]
  })
  yield* Effect.flatMap(ImageWriter, ({ writeLabelled }) =>
    writeLabelled(join(flags.figures, `small-${count}.png`), figure)
  )
  const distinct = new Set(copies.nearest.indices).size
  yield* Console.log(
    `${count} images, ${data.training.count} for training: ${measured} samples are ${copies.generated.mean.toFixed(2)} from their nearest training image, ` +
      `test images ${copies.test.mean.toFixed(2)}: ratio ${copies.ratio.toFixed(2)}, nearer than test ${copies.nearerThanTest.toFixed(2)}; ` +
      `the nearest are ${distinct} training images`
  )
})

const layers = Layer.merge(layerSharp, layerOnnxRuntime)
NodeRuntime.runMain(
  Effect.forEach(counts, show, { discard: true }).pipe(Effect.provide(layers), Effect.provide(NodeServices.layer))
)
