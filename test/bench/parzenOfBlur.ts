/**
 * What hard strokes do to a Parzen-window log-likelihood: `node test/bench/parzenOfBlur.ts --samples samples.npy [--count 10000]`,
 * of images as `fovea sample` writes them.
 *
 * The likelihood of the 10,000 test images under windows on the samples, on the samples blurred, and on as many training images, treated
 * alike. The blur is by `[a, 1 - 2a, a]` along rows and columns: it changes neither which digits there are nor where they stand.
 */
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { decodeNpy } from "../../src/domain/data/npy.ts"
import { npyImages } from "../../src/domain/data/npyImages.ts"
import { type TensorData, tensorData } from "../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"
import { parzenLikelihood } from "../../src/programs/evaluation/parzenLikelihood.ts"

const { values: flags } = parseArgs({
  options: { samples: { type: "string" }, count: { type: "string", default: "10000" } }
})

/** Each pixel and its two neighbours `stride` numbers away, by `[a, 1 - 2a, a]`; nothing lies outside of the axis of `size` pixels. */
const blurAlong = (values: Float32Array, a: number, stride: number, size: number): Float32Array =>
  values.map((value, at) => {
    const place = Math.floor(at / stride) % size
    const before = place > 0 ? (values[at - stride] ?? 0) : 0
    const after = place < size - 1 ? (values[at + stride] ?? 0) : 0
    return (1 - 2 * a) * value + a * (before + after)
  })

const blurred = ({ shape, values }: TensorData, a: number): TensorData => {
  const [height = 1, width = 1] = shape.slice(-2)
  return tensorData(shape, blurAlong(blurAlong(Float32Array.from(values), a, 1, width), a, width, height))
}

const bench = Effect.gen(function* () {
  const { training, validation, test } = yield* Dataset
  const count = Number(flags.count)
  const sets: Array<readonly [name: string, images: TensorData]> = [["training images", firstImages(training, count)]]
  const file = flags.samples
  if (file !== undefined) {
    const array = yield* Effect.fromResult(decodeNpy(yield* Effect.promise(() => readFile(file))))
    const { shape, values } = yield* Effect.fromResult(npyImages(array, training))
    const [drawn = 0, ...image] = shape
    const size = values.length / drawn
    sets.unshift([file, tensorData([Math.min(count, drawn), ...image], values.slice(0, count * size))])
  }
  yield* Console.log("| images | a | nats | width |\n|---|---|---|---|")
  for (const [name, images] of sets) {
    for (const a of [0, 0.05, 0.1, 0.15, 0.25]) {
      const { logLikelihood, standardError, width } = yield* parzenLikelihood(blurred(images, a), {
        validation,
        test
      })
      yield* Console.log(
        `| ${name} | ${a} | ${logLikelihood.toFixed(1)} +- ${standardError.toFixed(1)} | ${width.toFixed(3)} |`
      )
    }
  }
}).pipe(Effect.provide(Layer.merge(layerMnist, layerOnnxRuntime).pipe(Layer.provide(NodeServices.layer))))

NodeRuntime.runMain(bench)
