import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backends, Checkpoints, Pictures, PictureWriters, Sampling } from "fovea"

const sampling = Effect.gen(function* () {
  const { model, tensors } = yield* Sampling.openCheckpoint
  const images = yield* Sampling.pictures(model, tensors, { count: 16, seed: 1 })
  yield* Effect.flatMap(Pictures, ({ writePng }) => writePng("samples.png", Sampling.sheet(images, 4)))
})

const [run = "runs/paper"] = process.argv.slice(2)
const layers = Layer.mergeAll(
  Backends.onnxRuntime,
  Checkpoints.fileSystem({ directory: `${run}/checkpoints` }),
  PictureWriters.sharp
)
await Effect.runPromise(sampling.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
