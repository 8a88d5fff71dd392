import type { VariationalModel } from "../model/VariationalModel.ts"
import { binarised } from "../nn/binarise.ts"
import type { ParameterSpec } from "../nn/parameter.ts"
import { type OptimizerSettings, optimizerOf } from "../optim/OptimizerSettings.ts"
import { globalNorm } from "../optim/transforms.ts"
import { descend, learner, withBuffers } from "../program/Learner.ts"
import { make, type Program } from "../program/Program.ts"
import { negate, subtract } from "../tensor/arithmetic.ts"
import { mean } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { Tree } from "../tensor/Tree.ts"

/** What a variational training run keeps from update to update. The leaves' paths are the names in checkpoints. */
export type VariationalState = {
  readonly generator: Tree<ParameterSpec>
  readonly encoder: Tree<ParameterSpec>
  readonly optimizer: Tree<ParameterSpec>
}

/** The one optimizer of generator and encoder. */
export interface BoundOptimizer {
  readonly optimizer: OptimizerSettings
}

const learnerOf = (model: VariationalModel, { optimizer }: BoundOptimizer) =>
  learner(specsOf(model), optimizerOf(optimizer))

/** The state before the first update. Throws a `RangeError` for a decay without a length (`decaysOver`). */
export const variationalState = (model: VariationalModel, options: BoundOptimizer): VariationalState => {
  const { parameters, optimizer } = learnerOf(model, options).specs
  return { ...parameters, optimizer }
}

/**
 * Names of what an update measures before it: the bound and its two parts, in nats an image, means over the batch. Where gradients are
 * clipped there is their norm before that as well, `gradientNorm`.
 */
export type VariationalMetric = "bound" | "logLikelihood" | "divergence"

/** How a model is trained by its bound. */
export interface VariationalOptions extends BoundOptimizer {
  readonly batchSize: number
  /** Whether every update learns from black and white images that are drawn afresh from the given ones (see `binarised`). */
  readonly binarise: boolean
  /** On how many shards of the batch an update is computed; 1 if left out. Must divide the batch. */
  readonly shards?: number | undefined
}

/**
 * One update by the variational bound (Kingma 2014, eq. 3, with one draw of the latents for each image):
 *
 *     log p(x) >= E_q[log p(x | z)] - KL(q(z | x) || p(z))
 *
 * whose mean over the batch generator and encoder are moved to increase. Input `images`, `[batch, channels, B, A]` in
 * [0, 1]; every output is a scalar.
 *
 * On K shards each has its part of the batch and the same state, as in `adversarialProgram`. Throws a `RangeError` if K does
 * not divide the batch, and for a decay without a length (`decaysOver`).
 */
export const variationalProgram = (
  model: VariationalModel,
  { batchSize, binarise, optimizer: settings, shards = 1 }: VariationalOptions
): Program<"images", VariationalMetric> => {
  const networks = learnerOf(model, { optimizer: settings })
  return make(`${model.name} training`, {
    state: variationalState(model, { optimizer: settings }),
    inputs: { images: imagesOf(model, batchSize) },
    shards,
    step: ({ generator, encoder, optimizer }, { images }) => {
      const parameters = { generator, encoder }
      const shown = binarise ? binarised(images, "binarise") : images
      const call = { noise: "infer", batches: 1 }
      const { logLikelihood, divergence } = model.infer(parameters, shown, call)
      const bound = mean(subtract(logLikelihood, divergence))
      const { next, gradients } = descend(networks.bind({ parameters, optimizer }), () => negate(bound))
      const moved = withBuffers(next, model.statistics?.(parameters, shown, call) ?? {})
      const outputs: Readonly<Record<VariationalMetric, Tensor>> = {
        bound,
        logLikelihood: mean(logLikelihood),
        divergence: mean(divergence),
        ...(settings.maxGradientNorm === undefined ? {} : { gradientNorm: globalNorm(gradients) })
      }
      return { next: { ...moved.parameters, optimizer: moved.optimizer }, outputs }
    }
  })
}

/**
 * A program that draws `batch` images again from what it infers of them: input `images`, `[batch, channels, B, A]` in [0, 1];
 * outputs `shown`, the binarised images, and `reconstruction`, both of that shape. Its state is `generator.*` and `encoder.*`.
 */
export const reconstructionProgram = (
  model: VariationalModel,
  batch: number
): Program<"images", "shown" | "reconstruction"> =>
  make(`${model.name} reconstructions`, {
    state: specsOf(model),
    inputs: { images: imagesOf(model, batch) },
    step: (parameters, { images }) => {
      const shown = binarised(images, "binarise")
      const { reconstruction } = model.infer(parameters, shown, { noise: "infer" })
      return { outputs: { shown, reconstruction } }
    }
  })

const specsOf = ({ generator, encoder }: VariationalModel) => ({
  generator: generator.parameters,
  encoder: encoder.parameters
})

const imagesOf = ({ format: { channels, height, width } }: VariationalModel, batch: number) =>
  [batch, channels, height, width] as const

/**
 * A program that bounds the log-likelihood of `batch` images a step: input `images`, `[batch, channels, B, A]` in [0, 1], which
 * are binarised afresh; outputs `logLikelihood` and `divergence`, both `[batch]` in nats, whose difference is the bound. Its
 * state is `generator.*` and `encoder.*`.
 */
export const elboProgram = (
  model: VariationalModel,
  batch: number
): Program<"images", "logLikelihood" | "divergence"> =>
  make(`${model.name} bound`, {
    state: specsOf(model),
    inputs: { images: imagesOf(model, batch) },
    step: (parameters, { images }) => {
      const { logLikelihood, divergence } = model.infer(parameters, binarised(images, "binarise"), { noise: "infer" })
      return { outputs: { logLikelihood, divergence } }
    }
  })
