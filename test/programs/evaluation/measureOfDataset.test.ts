import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { uniform } from "../../../src/domain/random/noise.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { firstImages } from "../../../src/programs/evaluation/EvaluationReference.ts"
import { measure, measureLabels } from "../../../src/programs/evaluation/measureOfDataset.ts"

const dataset = layerSynthetic({ count: 120, channels: 1, height: 8, width: 8, seed: 0 })

layer(Layer.merge(layerOnnxRuntime, NodeServices.layer), { excludeTestServices: true })(
  "measures against a data set, in a line",
  (it) => {
    it.effect("train its classifier where there is none yet, and find it there later", () =>
      Effect.gen(function* () {
        const classifier = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
        const judge = { dataset, classifier: `${classifier}/new` }
        const { test } = yield* Effect.provide(Dataset, dataset)
        const images = firstImages(test, test.count)
        const labels = test.labels ?? []

        const { accuracy, confidence } = yield* measureLabels(images, labels, judge)
        assert.isAbove(accuracy, 0.8)
        assert.isAbove(confidence.mean, 0.5)
        const others = yield* measureLabels(
          images,
          Uint8Array.from(labels).map((label) => (label + 1) % 3),
          judge
        )
        assert.isBelow(others.accuracy, 1 - accuracy + 1e-9)

        const noise = tensorData([20, 1, 8, 8], uniform({ seed: 0, stream: "noise", step: 0 }, 20 * 64))
        const real = yield* measure(images, judge)
        assert.strictEqual(real.count, test.count)
        assert.isBelow(real.frechetDistance, (yield* measure(noise, judge)).frechetDistance)
      })
    )
  }
)
