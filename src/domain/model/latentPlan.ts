import * as Schema from "effect/Schema"
import { add, multiply } from "../tensor/arithmetic.ts"
import { constant, normalNoise } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { tensorData } from "../tensor/TensorData.ts"

/** The distribution of one step's latent: independent normals of one mean and standard deviation (eq. 6). */
export const LatentStep = Schema.Struct({
  mean: Schema.Finite,
  deviation: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
})
export type LatentStep = typeof LatentStep.Type

/** One entry a step: `z_t ~ N(mean, deviation^2)` (eq. 6). A deviation of 0 makes the step's latent its mean. */
export type LatentPlan = ReadonlyArray<LatentStep>

/** `z_t ~ N(0, 1)` at each of `glimpses` steps: the plan of training. */
export const standardLatents = (glimpses: number): LatentPlan =>
  Array.from({ length: glimpses }, () => ({ mean: 0, deviation: 1 }))

/** The latents of all steps, `[T, batch, size]`, drawn from the noise stream of that name. */
export const drawLatents = (stream: string, plan: LatentPlan, batch: number, size: number): Tensor => {
  const noise = normalNoise(stream, [plan.length, batch, size], 1)
  const perStep = (value: (step: LatentStep) => number): Tensor =>
    constant(tensorData([plan.length, 1, 1], Float64Array.from(plan, value)))
  return plan.every(({ mean, deviation }) => mean === 0 && deviation === 1)
    ? noise
    : add(
        multiply(
          noise,
          perStep(({ deviation }) => deviation)
        ),
        perStep(({ mean }) => mean)
      )
}
