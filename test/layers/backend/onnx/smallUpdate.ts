import * as Effect from "effect/Effect"
import { adversarialProgram, adversarialState } from "../../../../src/domain/experiment/adversarialTraining.ts"
import { attentionGan } from "../../../../src/domain/model/attention-gan/AttentionGan.ts"
import { initialise } from "../../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../../src/domain/optim/OptimizerSettings.ts"
import { uniform } from "../../../../src/domain/random/noise.ts"
import { type NamedTensors, tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { smallSettings } from "../../../domain/model/smallModels.ts"

const [batchSize, height, width] = [4, 6, 5]
const optimizer = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })
const model = attentionGan(smallSettings({ units: 8 }), { channels: 1, height, width })
const optimizers = { generatorOptimizer: optimizer, discriminatorOptimizer: optimizer }
const program = adversarialProgram(model, {
  ...optimizers,
  batchSize,
  sharedNoise: false
})
const pixels = (step: number, count: number) => uniform({ seed: 1, stream: "pixels", step }, count * height * width)
const mean = tensorData([1, height, width], pixels(0, 1))

/** State and metrics after some updates of a very small attention GAN, on the backend in the context. */
export const afterSmallUpdates = (updates: number) =>
  Effect.gen(function* () {
    const first = initialise(adversarialState(model, optimizers), 0, { mean, sample: mean })
    const executable = yield* (yield* TensorBackend).compile(program, first)
    for (let step = 0; step < updates; step++) {
      const images = tensorData([batchSize, 1, height, width], pixels(step + 1, batchSize))
      yield* executable.step({ inputs: { images }, noise: { seed: 7, step } })
    }
    const outcome: NamedTensors = { ...(yield* executable.readState), ...(yield* executable.readOutputs) }
    return outcome
  }).pipe(Effect.scoped)

/** The greatest difference between two outcomes; NaN or infinite where one of them is not finite. */
export const greatestDifference = (a: NamedTensors, b: NamedTensors): number =>
  Object.entries(b)
    .flatMap(([path, { values }]) =>
      Array.from(values, (value, i) => Math.abs(value - (a[path]?.values[i] ?? Number.NaN)))
    )
    .reduce((most, difference) => Math.max(most, difference), 0)
