import * as Effect from "effect/Effect"
import { expectThat } from "./expectations.ts"
import { type Law, makeLaw } from "./Law.ts"
import { modelTraining, smallAttentionGan, trainFor } from "./smallTrainings.ts"

/** A metric's mean over some updates. */
interface Band {
  readonly metric: "discriminatorLoss" | "generatorLoss"
  readonly from: number
  readonly mean: number
  readonly width: number
}

/**
 * The small attention GAN at a learning rate of 2e-3, where 200 updates are enough for its players to have come to terms.
 * The means are those of `Reference`. After 200 updates ONNX Runtime and both backends of TensorFlow.js are within 1e-4
 * of them, and after 40 within 1e-5: rounding grows on the way, and the bands leave it a hundred times that, which is a
 * tenth of what the losses move in between.
 */
const bands: Readonly<Record<40 | 200, ReadonlyArray<Band>>> = {
  40: [
    { metric: "discriminatorLoss", from: 30, mean: 1.27212, width: 0.001 },
    { metric: "generatorLoss", from: 30, mean: 0.84292, width: 0.001 }
  ],
  200: [
    { metric: "discriminatorLoss", from: 150, mean: 1.3176, width: 0.005 },
    { metric: "generatorLoss", from: 150, mean: 0.7879, width: 0.005 }
  ]
}

const trainingLaw = (updates: 40 | 200, slow: boolean): Law =>
  makeLaw(
    "training",
    `${updates} updates of a small model end within the same band of losses everywhere`,
    Effect.gen(function* () {
      const format = { channels: 1, height: 12, width: 10 }
      const { course } = yield* trainFor(
        modelTraining(smallAttentionGan, format, { batch: 6, learningRate: 2e-3 }),
        updates
      )
      for (const { metric, from, mean, width } of bands[updates]) {
        const last = course.slice(from).map((metrics) => metrics[metric]?.values[0] ?? Number.NaN)
        const found = last.reduce((total, value) => total + value, 0) / last.length
        yield* expectThat(
          Math.abs(found - mean) <= width,
          () => `the mean ${metric} of the last ${last.length} updates is ${found}, not ${mean} +- ${width}`
        )
      }
    }),
    { slow }
  )

/** Trainings long enough for the players to answer one another, where no step can be compared with another backend's. */
export const trainingLaws: ReadonlyArray<Law> = [trainingLaw(40, false), trainingLaw(200, true)]
