import type { AdversarialModel } from "../model/AdversarialModel.ts"
import {
  type ParameterSpec,
  parameterPlaceholders,
  trainedParameters,
  trainedTensors,
  updatedParameters
} from "../nn/parameter.ts"
import { discriminatorLoss, generatedAccuracy, generatorLoss, realAccuracy } from "../objective/adversarial.ts"
import { gradientPenalty } from "../objective/gradientPenalty.ts"
import { emaParameters, emaStep } from "../optim/ema.ts"
import { type OptimizerSettings, type OptimizerState, optimize, optimizerState } from "../optim/OptimizerSettings.ts"
import { add, multiply } from "../tensor/arithmetic.ts"
import { stopGradient } from "../tensor/elementwise.ts"
import { gradient } from "../tensor/gradient.ts"
import { chunks, concatenate } from "../tensor/movement.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { meansOverShards, pmean } from "../tensor/pmean.ts"
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
  /** The moving average of the generator, where one is kept (`averageDecay`): what images are drawn from (`samplingGenerator`). */
  readonly average?: G
}

/** The optimizers of the two players. */
export interface PlayersOptimizers {
  readonly generatorOptimizer: OptimizerSettings
  readonly discriminatorOptimizer: OptimizerSettings
}

/** What decides which tensors a training run keeps. */
export interface AdversarialStateOptions extends PlayersOptimizers {
  /** Of the exponential moving average of G's parameters, for each update (`emaStep`); none is kept if it is left out. */
  readonly averageDecay?: number | undefined
}

/** The state before the first update. */
export const adversarialState = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  { generatorOptimizer, discriminatorOptimizer, averageDecay }: AdversarialStateOptions
): AdversarialState<G, D, ParameterSpec> => ({
  generator: model.generator.parameters,
  discriminator: model.discriminator.parameters,
  optimizer: {
    generator: optimizerState(generatorOptimizer, trainedParameters(model.generator.parameters)),
    discriminator: optimizerState(discriminatorOptimizer, trainedParameters(model.discriminator.parameters))
  },
  ...(averageDecay === undefined ? {} : { average: emaParameters(model.generator.parameters, "generator") })
})

/**
 * Names of what an update measures: D's loss and its accuracy on real and generated images before its update, and G's
 * loss before its own, which is against the updated D unless they are updated simultaneously.
 */
export type AdversarialMetric = "discriminatorLoss" | "generatorLoss" | "realAccuracy" | "generatedAccuracy"

/** How the two players are trained. */
export interface AdversarialOptions extends AdversarialStateOptions {
  readonly batchSize: number
  /** Whether G is updated on the images that D was updated on, instead of on fresh ones; saves one pass through G. */
  readonly sharedNoise: boolean
  /**
   * Whether G is updated at the same time as D, by the logits that D is updated by, instead of against the updated D; needs
   * `sharedNoise`. Not if left out.
   */
  readonly simultaneous?: boolean | undefined
  /** Weight of the gradient penalty R1 on real images (`gradientPenalty`) in D's loss; none if it is left out. */
  readonly gradientPenalty?: number | undefined
  /** On how many shards of the batch an update is computed; 1 if left out. Must divide the batch. */
  readonly shards?: number | undefined
}

/**
 * One update of adversarial training (section 2.5): D by eq. 9 on a batch of real images and as many generated ones,
 * then G by eq. 10 against the updated D, or `simultaneous`ly against D as it was. Input `images`, `[batch, channels, B, A]`;
 * every output is a scalar. With a gradient penalty D's loss has that besides, and what it adds is the output `gradientPenalty`.
 *
 * Of the parameters that no gradient moves, D's next values are those of its pass over real and generated images, G's
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
  if (simultaneous && !sharedNoise) throw new RangeError("simultaneous updates are of the same images: share the noise")
  const { gradientPenalty: penaltyWeight, averageDecay } = options
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
  const both = concatenate([images, shown], 0)
  const judgeBoth = { noise: "discriminator", batches: 2 }
  const judgeAlone = (images: Tensor, noise: string): Tensor =>
    model.discriminator.logits(discriminator, images, { noise, batches: 1 })
  // Real and generated images go through D together: one pass over twice the batch. The penalty differentiates the real ones' pass.
  const [realLogits, shownLogits] =
    penaltyWeight === undefined
      ? chunks(model.discriminator.logits(discriminator, both, judgeBoth), 0, 2)
      : [judgeAlone(images, "discriminator/real"), judgeAlone(shown, "discriminator/generated")]
  const lossOfD = discriminatorLoss(realLogits, shownLogits)
  const penalty = penaltyWeight === undefined ? undefined : multiply(gradientPenalty(realLogits, images), penaltyWeight)
  const movedD = optimize(
    discriminatorOptimizer,
    trainedD,
    meansOverShards(gradient(penalty === undefined ? lossOfD : add(lossOfD, penalty), trainedD)),
    optimizer.discriminator
  )
  const statisticsOfD = model.discriminator.statistics?.(discriminator, both, judgeBoth)

  const offer = sharedNoise ? show : { ...show, noise: "generator" }
  const offered = sharedNoise ? shown : model.generator.generate(generator, offer).images
  // The updated D depends on G's images through its gradient; eq. 10 takes it as it is.
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
  const nextG = updatedParameters(generator, movedG.parameters, model.generator.statistics?.(generator, offer) ?? {})

  const average =
    averageDecay === undefined
      ? undefined
      : parameterPlaceholders(emaParameters(model.generator.parameters, "generator"), "average")
  const nextAverage =
    averageDecay === undefined || average === undefined
      ? undefined
      : emaStep(average, nextG, {
          decay: averageDecay,
          updates: optimizer.generator.updates
        })
  const outputs: Readonly<Record<AdversarialMetric, Tensor>> = {
    discriminatorLoss: pmean(lossOfD),
    generatorLoss: pmean(lossOfG),
    realAccuracy: pmean(realAccuracy(realLogits)),
    generatedAccuracy: pmean(generatedAccuracy(shownLogits)),
    ...(penalty === undefined ? {} : { gradientPenalty: pmean(penalty) })
  }

  return makeProgram({
    name: `${model.name} training`,
    state: { generator, discriminator, optimizer, ...(average === undefined ? {} : { average }) },
    inputs: { images },
    next: {
      generator: nextG,
      discriminator: updatedParameters(discriminator, movedD.parameters, statisticsOfD ?? {}),
      optimizer: { generator: movedG.state, discriminator: movedD.state },
      ...(nextAverage === undefined ? {} : { average: nextAverage })
    },
    outputs,
    shards: { count, examples: batch, inputs: ["images"] }
  })
}
