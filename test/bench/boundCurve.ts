/**
 * How the bound of a variational run's test images came about: `node test/bench/boundCurve.ts RUN [--seed 0]`.
 *
 * Measures every checkpoint that the run's folder keeps (see `--keep-every` of `fovea train`) on all MNIST test images, each
 * binarised by the seed's draws, and prints one line for each, with the standard error. A few seconds each.
 */
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { decodeRunDescription } from "../../src/domain/experiment/RunDescription.ts"
import { modelOf } from "../../src/domain/model/modelOf.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { measureElbo } from "../../src/programs/evaluation/measureElbo.ts"

const {
  values: { seed },
  positionals: [run]
} = parseArgs({ options: { seed: { type: "string", default: "0" } }, allowPositionals: true })
if (run === undefined) throw new RangeError("name the folder of a run")

const curve = Effect.gen(function* () {
  const { test } = yield* Dataset
  const store = yield* CheckpointStore
  for (const update of yield* store.list) {
    const { description, tensors } = yield* store.load(update)
    const { settings, format } = yield* Effect.fromResult(decodeRunDescription(description.settings))
    const model = modelOf(settings.model, format)
    if (model.objective !== "variational") return yield* Effect.die(`${model.name} has no bound`)
    const { bound, logLikelihood, divergence } = yield* measureElbo(model, tensors, test, Number(seed))
    process.stdout.write(
      `update ${update}: bound ${bound.value.toFixed(2)} ± ${bound.standardError.toFixed(2)} nats ` +
        `(log p(x | z) ${logLikelihood.value.toFixed(2)}, divergence ${divergence.value.toFixed(2)})\n`
    )
  }
})

const layers = Layer.mergeAll(layerMnist, layerOnnxRuntime, layerFileSystem({ directory: `${run}/checkpoints` }))
NodeRuntime.runMain(curve.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
