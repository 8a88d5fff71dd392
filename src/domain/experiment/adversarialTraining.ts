import type { AdversarialModel } from "../model/AdversarialModel.ts"
import {
  type ParameterSpec,
  parameterPlaceholders,
  trainedParameters,
  trainedTensors,
  updatedParameters
} from "../network/parameter.ts"
import { discriminatorLoss, generatedAccuracy, generatorLoss, realAccuracy } from "../objective/adversarial.ts"
import { type OptimizerSettings, type OptimizerState, optimize, optimizerState } from "../optimizer/Optimizer.ts"
import { stopGradient } from "../tensor/elementwise.ts"
import { gradient } from "../tensor/gradient.ts"
import { meanOverShards, meansOverShards } from "../tensor/meanOverShards.ts"
import { concatenate, split } from "../tensor/movement.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { examplesOfShard } from "../tensor/Sharding.ts"
import { placeholder } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { mapLeaves, type Tree } from "../tensor/Tree.ts"

/** What an adversarial training run keeps from update to update. The leaves' paths are the names in checkpoints. */
export type AdversarialState<G, D, Leaf> = {
  readonly generator: G
  readonly discriminator: D
  readonly optimizer: {
    readonly generator: OptimizerState<Readonly<Record<string, Leaf>>, Leaf>
    readonly discriminator: OptimizerState<Readonly<Record<string, Leaf>>, Leaf>
  }
}

/** The optimizers of the two players. */
export interface PlayersOptimizers {
  readonly generatorOptimizer: OptimizerSettings
  readonly discriminatorOptimizer: OptimizerSettings
}

/** The state before the first update. */
export const adversarialState = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  { generatorOptimizer, discriminatorOptimizer }: PlayersOptimizers
): AdversarialState<G, D, ParameterSpec> => ({
  generator: model.generator.parameters,
  discriminator: model.discriminator.parameters,
  optimizer: {
    generator: optimizerState(generatorOptimizer, trainedParameters(model.generator.parameters)),
    discriminator: optimizerState(discriminatorOptimizer, trainedParameters(model.discriminator.parameters))
  }
})

/**
 * Names of what an update measures: D's loss and its accuracy on real and generated pictures before its update, and G's
 * loss before its own, which is against the updated D unless they are updated simultaneously.
 */
export type AdversarialMetric = "discriminatorLoss" | "generatorLoss" | "realAccuracy" | "generatedAccuracy"

/** How the two players are trained. */
export interface AdversarialOptions extends PlayersOptimizers {
  readonly batchSize: number
  /** Whether G is updated on the pictures that D was updated on, instead of on fresh ones; saves one pass through G. */
  readonly sharedNoise: boolean
  /**
   * Whether G is updated at the same time as D, by the logits that D is updated by, instead of against the updated D; needs
   * `sharedNoise`. Not if left out.
   */
  readonly simultaneous?: boolean | undefined
  /** On how many shards of the batch an update is computed; 1 if left out. Must divide the batch. */
  readonly shards?: number | undefined
}

/**
 * One update of adversarial training (section 2.5): D by eq. 9 on a batch of real pictures and as many generated ones,
 * then G by eq. 10 against the updated D, or `simultaneous`ly against D as it was. Input `images`, `[batch, channels, B, A]`; every output is a scalar.
 *
 * Of the parameters that no gradient moves, D's next values are those of its pass over real and generated pictures, G's
 * those of the pass that it is updated by.
 *
 * On K shards each has its part of the batch and the same state, and the players are updated by the means of the shards'
 * gradients: what is computed is the same but for the order in which the batch's numbers are added. Throws a
 * `RangeError` if K does not divide the batch, and if the updates are simultaneous but the noise is not shared.
 */
export const adversarialProgram = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  options: AdversarialOptions
): Program<"images", AdversarialMetric> => {
  const { batchSize, sharedNoise, generatorOptimizer, discriminatorOptimizer, shards: count = 1 } = options
  const { simultaneous = false } = options
  if (simultaneous && !sharedNoise)
    throw new RangeError("simultaneous updates are of the same pictures: share the noise")
  const batch = examplesOfShard(batchSize, count)
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
  const { optimizer: optimizers } = adversarialState(model, options)
  const optimizer = {
    generator: parameterPlaceholders(optimizers.generator, "optimizer.generator"),
    discriminator: parameterPlaceholders(optimizers.discriminator, "optimizer.discriminator")
  }
  const trainedG = trainedTensors(model.generator.parameters, generator)
  const trainedD = trainedTensors(model.discriminator.parameters, discriminator)

  const show = { batch, noise: "discriminator", batches: 1 }
  const shown = model.generator.generate(generator, show).images
  // Real and generated pictures go through D together: one pass over twice the batch.
  const both = concatenate([images, shown], 0)
  const judgeBoth = { noise: "discriminator", batches: 2 }
  const [realLogits, shownLogits] = halves(model.discriminator.logits(discriminator, both, judgeBoth))
  const lossOfD = discriminatorLoss(realLogits, shownLogits)
  const movedD = optimize(
    discriminatorOptimizer,
    trainedD,
    meansOverShards(gradient(lossOfD, trainedD)),
    optimizer.discriminator
  )
  const statisticsOfD = model.discriminator.statistics?.(discriminator, both, judgeBoth)

  const offer = sharedNoise ? show : { ...show, noise: "generator" }
  const offered = sharedNoise ? shown : model.generator.generate(generator, offer).images
  // The updated D depends on G's pictures through its gradient; eq. 10 takes it as it is.
  const judge = mapLeaves<Tensor, typeof discriminator>(
    updatedParameters(discriminator, movedD.parameters),
    isTensor,
    stopGradient
  )
  const offeredLogits = simultaneous
    ? shownLogits
    : model.discriminator.logits(judge, offered, { noise: "generator", batches: 1 })
  const lossOfG = generatorLoss(offeredLogits)
  const movedG = optimize(
    generatorOptimizer,
    trainedG,
    meansOverShards(gradient(lossOfG, trainedG)),
    optimizer.generator
  )
  const statisticsOfG = model.generator.statistics?.(generator, offer)

  return makeProgram({
    name: `${model.name} training`,
    state: { generator, discriminator, optimizer },
    inputs: { images },
    next: {
      generator: updatedParameters(generator, movedG.parameters, statisticsOfG ?? {}),
      discriminator: updatedParameters(discriminator, movedD.parameters, statisticsOfD ?? {}),
      optimizer: { generator: movedG.state, discriminator: movedD.state }
    },
    outputs: {
      discriminatorLoss: meanOverShards(lossOfD),
      generatorLoss: meanOverShards(lossOfG),
      realAccuracy: meanOverShards(realAccuracy(realLogits)),
      generatedAccuracy: meanOverShards(generatedAccuracy(shownLogits))
    },
    shards: { count, examples: batch, inputs: ["images"] }
  })
}

const halves = (logits: Tensor): readonly [Tensor, Tensor] => {
  const half = (logits.shape[0] ?? 2) / 2
  const [first, second] = split(logits, 0, [half, half])
  if (first === undefined || second === undefined) throw new Error("internal: a split in two gives two parts")
  return [first, second]
}
