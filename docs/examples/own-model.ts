import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { AdamSettings, Backends, Dataset, Datasets, Evaluation, ImageWriters, Logs, Sampling, Training } from "fovea"
import { factorModel } from "./factor-model.ts"

const program = Effect.gen(function* () {
  const { training, test } = yield* Dataset
  const model = factorModel(6, training)
  const bound = (parameters: Parameters<typeof Evaluation.measureElbo>[1]) =>
    Effect.map(Evaluation.measureElbo(model, parameters, test, 1), (measured) => measured.bound.value.toFixed(1))

  const optimizer = new AdamSettings({ learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })
  const options = { optimizer, binarise: true, batchSize: 20, seed: 7, epochs: 40 }
  const first = yield* Training.initialState(model, options)
  const last = yield* Training.model(model, options).pipe(Training.logEvery(100), Stream.runLast)
  const { tensors, update } = yield* Effect.flatMap(Effect.fromOption(last), ({ snapshot }) => snapshot)
  console.log(`bound of the test images: ${yield* bound(first)} nats, after ${update} updates ${yield* bound(tensors)}`)

  const images = yield* Sampling.images(model, tensors, { count: 16, seed: 1 })
  yield* Sampling.writeGrid("factors.png", images, 4)
})

const layers = Layer.mergeAll(
  Backends.onnxRuntime,
  Datasets.synthetic({ count: 240, height: 12, width: 10, channels: 1, seed: 7 }),
  Logs.silent,
  ImageWriters.sharp
)
await Effect.runPromise(program.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
