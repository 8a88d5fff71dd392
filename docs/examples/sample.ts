import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backends, Checkpoints, ImageWriters, Sampling } from "fovea"

const sampling = Effect.gen(function* () {
  const { model, tensors } = yield* Sampling.openCheckpoint
  const images = yield* Sampling.images(model, tensors, { count: 16, seed: 1 })
  yield* Sampling.writeGrid("samples.png", images, 4)
})

const [run = "runs/paper"] = process.argv.slice(2)
const layers = Layer.mergeAll(
  Backends.onnxRuntime,
  Checkpoints.fileSystem({ directory: `${run}/checkpoints` }),
  ImageWriters.sharp
)
await Effect.runPromise(sampling.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
