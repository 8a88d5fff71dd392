import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { trainingProgram, trainingState } from "../../../src/domain/experiment/trainingProgram.ts"
import { DcganSettings } from "../../../src/domain/model/dcgan/DcganSettings.ts"
import { GoodfellowGanSettings } from "../../../src/domain/model/gan/GoodfellowGanSettings.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { uniform } from "../../../src/domain/random/noise.ts"
import { type NamedTensors, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { smallSettings } from "../../domain/model/smallModels.ts"
import { assertClose } from "../../support/assertClose.ts"

const format = { channels: 1, height: 8, width: 4 }
const batchSize = 4

const models = {
  "the attention GAN": modelOf(smallSettings({ filters: 2, glimpses: 3, units: 5 }), format),
  "Goodfellow's GAN, dropout and all": modelOf(
    new GoodfellowGanSettings({
      kind: "goodfellow-gan",
      latentSize: 3,
      generatorUnits: 6,
      generatorBound: 0.3,
      discriminatorUnits: 4,
      pieces: 2,
      discriminatorBound: 0.3,
      keepInputs: 0.8,
      keepHidden: 0.5
    }),
    format
  ),
  "a DCGAN, whose batch normalisation is over all shards": modelOf(
    new DcganSettings({
      kind: "dcgan",
      latentSize: 3,
      generatorChannels: [3, 2],
      discriminatorChannels: [2, 3],
      kernelSize: 4,
      leak: 0.2,
      weightDeviation: 0.3
    }),
    format
  )
}

const optimizer = new AdamSettings({ learningRate: 1e-2, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })

const optimizers = { generatorOptimizer: optimizer, discriminatorOptimizer: optimizer }

const clipped = new AdamSettings({ ...optimizer, maxGradientNorm: 0.01 })

const gated = modelOf(smallSettings({ filters: 2, glimpses: 3, units: 5, cell: "gated" }), format)

const trainings = {
  ...mapRecord(models, (model) => ({ model, settings: optimizers })),
  "the attention GAN with gates, a gradient penalty and an average": {
    model: gated,
    settings: { ...optimizers, gradientPenalty: 2, averageDecay: 0.9 }
  },
  "that whose penalty follows D's lead, and whose gradients are clipped": {
    model: gated,
    settings: {
      generatorOptimizer: clipped,
      discriminatorOptimizer: clipped,
      gradientPenalty: { perNatOfLead: 50 }
    }
  }
}
type Training = (typeof trainings)[keyof typeof trainings]

/** State and metrics after four updates of a model on some shards. */
const trained = ({ model, settings }: Training, shards: number, sharedNoise: boolean) =>
  Effect.scoped(
    Effect.gen(function* () {
      const pixels = format.height * format.width
      const pixelValues = (step: number, count: number) =>
        uniform({ seed: 1, stream: "pixelValues", step }, count * pixels)
      const marginal = tensorData([1, format.height, format.width], pixelValues(0, 1))
      const state = initialise(trainingState(model, settings), 0, { mean: marginal, sample: marginal })
      const program = trainingProgram(model, {
        batchSize,
        shards,
        sharedNoise,
        ...settings
      })
      const executable = yield* (yield* TensorBackend).compile(program, state)
      for (let step = 0; step < 4; step++) {
        const images = tensorData([batchSize, 1, format.height, format.width], pixelValues(step + 1, batchSize))
        yield* executable.step({ inputs: { images }, noise: { seed: 7, step } })
      }
      const all: NamedTensors = { ...(yield* executable.readState), ...(yield* executable.readOutputs) }
      return all
    })
  )

describe.each(Object.entries(trainings))("four updates of %s", (_, training) => {
  for (const sharedNoise of [false, true]) {
    it.effect(`on one, two and four shards differ by rounding only, with sharedNoise = ${sharedNoise}`, () =>
      Effect.gen(function* () {
        const whole = yield* trained(training, 1, sharedNoise)
        assert.isAbove(Object.keys(whole).length, 20)
        for (const shards of [2, 4]) {
          const shared = yield* trained(training, shards, sharedNoise)
          for (const [path, { values }] of Object.entries(whole)) {
            assertClose(shared[path]?.values ?? [], values, 1e-12, `${path} on ${shards} shards`)
          }
        }
      }).pipe(Effect.provide(layerReference))
    )
  }

  it.effect("on two threads of OnnxRuntime are near those of Reference", () =>
    Effect.gen(function* () {
      const expected = yield* trained(training, 2, false).pipe(Effect.provide(layerReference, { local: true }))
      const actual = yield* trained(training, 2, false)
      for (const [path, { values }] of Object.entries(expected)) {
        assertClose(actual[path]?.values ?? [], values, 1e-4, path)
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
