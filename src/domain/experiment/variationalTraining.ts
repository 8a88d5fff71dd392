import type { VariationalModel } from "../model/VariationalModel.ts"
import { binarised } from "../nn/binarise.ts"
import {
  type ParameterSpec,
  parameterPlaceholders,
  trainedParameters,
  trainedTensors,
  updatedParameters
} from "../nn/parameter.ts"
import { type OptimizerSettings, type OptimizerState, optimize, optimizerState } from "../optim/OptimizerSettings.ts"
import { negate, subtract } from "../tensor/arithmetic.ts"
import { gradient } from "../tensor/gradient.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { meansOverShards, pmean } from "../tensor/pmean.ts"
import { mean } from "../tensor/reduction.ts"
import { examplesOfShard } from "../tensor/Sharding.ts"
import { placeholder } from "../tensor/source.ts"
import type { Tree } from "../tensor/Tree.ts"

/** What a variational training run keeps from update to update. The leaves' paths are the names in checkpoints. */
export type VariationalState<G, E, Leaf> = {
  readonly generator: G
  readonly encoder: E
  readonly optimizer: OptimizerState<Readonly<Record<string, Leaf>>, Leaf>
}

/** The one optimizer of generator and encoder. */
export interface BoundOptimizer {
  readonly optimizer: OptimizerSettings
}

/** The state before the first update. */
export const variationalState = <G extends Tree<ParameterSpec>, E extends Tree<ParameterSpec>>(
  model: VariationalModel<G, E>,
  { optimizer }: BoundOptimizer
): VariationalState<G, E, ParameterSpec> => {
  const parameters = { generator: model.generator.parameters, encoder: model.encoder.parameters }
  return { ...parameters, optimizer: optimizerState(optimizer, trainedParameters(parameters)) }
}

/** Names of what an update measures before it: the bound and its two parts, in nats an image, means over the batch. */
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
 * not divide the batch.
 */
export const variationalProgram = <G extends Tree<ParameterSpec>, E extends Tree<ParameterSpec>>(
  model: VariationalModel<G, E>,
  { batchSize, binarise, optimizer: settings, shards: count = 1 }: VariationalOptions
): Program<"images", VariationalMetric> => {
  const batch = examplesOfShard(batchSize, count)
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const { optimizer: memory, ...specs } = variationalState(model, { optimizer: settings })
  const parameters = parametersIn(model)
  const trained = trainedTensors(specs, parameters)
  const optimizer = parameterPlaceholders(memory, "optimizer")
  const shown = binarise ? binarised(images, "binarise") : images
  const call = { noise: "infer", batches: 1 }
  const { logLikelihood, divergence } = model.infer(parameters, shown, call)
  const bound = mean(subtract(logLikelihood, divergence))
  const moved = optimize(settings, trained, meansOverShards(gradient(negate(bound), trained)), optimizer)
  const statistics = model.statistics?.(parameters, shown, call) ?? {}
  return makeProgram({
    name: `${model.name} training`,
    state: { ...parameters, optimizer },
    inputs: { images },
    next: { ...updatedParameters(parameters, moved.parameters, statistics), optimizer: moved.state },
    outputs: {
      bound: pmean(bound),
      logLikelihood: pmean(mean(logLikelihood)),
      divergence: pmean(mean(divergence))
    },
    shards: { count, examples: batch, inputs: ["images"] }
  })
}

/**
 * A program that draws `batch` images again from what it infers of them: input `images`, `[batch, channels, B, A]` in [0, 1];
 * outputs `shown`, the binarised images, and `reconstruction`, both of that shape. Its state is `generator.*` and `encoder.*`.
 */
export const reconstructionProgram = <G extends Tree<ParameterSpec>, E extends Tree<ParameterSpec>>(
  model: VariationalModel<G, E>,
  batch: number
): Program<"images", "shown" | "reconstruction"> => {
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const parameters = parametersIn(model)
  const shown = binarised(images, "binarise")
  const { reconstruction } = model.infer(parameters, shown, { noise: "infer" })
  return makeProgram({
    name: `${model.name} reconstructions`,
    state: parameters,
    inputs: { images },
    next: parameters,
    outputs: { shown, reconstruction }
  })
}

/** The parameters of both trees as placeholders. */
const parametersIn = <G extends Tree<ParameterSpec>, E extends Tree<ParameterSpec>>(model: VariationalModel<G, E>) => ({
  generator: parameterPlaceholders(model.generator.parameters, "generator"),
  encoder: parameterPlaceholders(model.encoder.parameters, "encoder")
})

/**
 * A program that bounds the log-likelihood of `batch` images a step: input `images`, `[batch, channels, B, A]` in [0, 1], which
 * are binarised afresh; outputs `logLikelihood` and `divergence`, both `[batch]` in nats, whose difference is the bound. Its
 * state is `generator.*` and `encoder.*`.
 */
export const elboProgram = <G extends Tree<ParameterSpec>, E extends Tree<ParameterSpec>>(
  model: VariationalModel<G, E>,
  batch: number
): Program<"images", "logLikelihood" | "divergence"> => {
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const parameters = parametersIn(model)
  const { logLikelihood, divergence } = model.infer(parameters, binarised(images, "binarise"), { noise: "infer" })
  return makeProgram({
    name: `${model.name} bound`,
    state: parameters,
    inputs: { images },
    next: parameters,
    outputs: { logLikelihood, divergence }
  })
}
