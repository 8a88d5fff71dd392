import type { AdversarialModel } from "../model/TrainableModel.ts"
import type { ParameterSpec } from "../nn/parameter.ts"
import {
  discriminatorLoss,
  generatedAccuracy,
  generatorLoss,
  gradientPenalty,
  realAccuracy
} from "../objective/adversarial.ts"
import type { DecaySettings } from "../optim/DecaySettings.ts"
import { emaParameters, emaStep } from "../optim/ema.ts"
import { updatesDone } from "../optim/Optimizer.ts"
import { type OptimizerSettings, optimizerOf } from "../optim/OptimizerSettings.ts"
import { globalNorm } from "../optim/transforms.ts"
import { type EmaSpecs, follow } from "../program/ema.ts"
import { descend, learner, withBuffers } from "../program/Learner.ts"
import { make, type Program } from "../program/Program.ts"
import { add, multiply } from "../tensor/arithmetic.ts"
import { chunks, concatenate, size } from "../tensor/movement.ts"
import { pmean } from "../tensor/pmean.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { Tree } from "../tensor/Tree.ts"
import { type LossAverage, lossAverage, type PenaltyWeight, weightAt } from "./PenaltyWeight.ts"

/** What an adversarial training run keeps from update to update. The leaves' paths are the names in checkpoints. */
export type AdversarialState = {
  readonly generator: Tree<ParameterSpec>
  readonly discriminator: Tree<ParameterSpec>
  readonly optimizer: { readonly generator: Tree<ParameterSpec>; readonly discriminator: Tree<ParameterSpec> }
  /** The moving average of the generator (`averageDecay`): what images are drawn from (`samplingGenerator`). Empty where none is kept. */
  readonly average: Tree<ParameterSpec>
  /** D's averaged loss, where a penalty's weight follows D's lead. Empty where none does. */
  readonly lead: EmaSpecs<LossAverage> | Record<never, never>
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
  /** Weight of the gradient penalty R1 on real images (`gradientPenalty`) in D's loss; none if it is left out. */
  readonly gradientPenalty?: PenaltyWeight | undefined
}

const learnersOf = (
  { generator, discriminator }: AdversarialModel,
  { generatorOptimizer, discriminatorOptimizer }: PlayersOptimizers
) => ({
  G: learner(generator.parameters, optimizerOf(generatorOptimizer, "generatorOptimizer")),
  D: learner(discriminator.parameters, optimizerOf(discriminatorOptimizer, "discriminatorOptimizer"))
})

/** The state before the first update. Throws a `RangeError` for an optimizer's decay without a length (`decaysOver`). */
export const adversarialState = (model: AdversarialModel, options: AdversarialStateOptions): AdversarialState => {
  const { G, D } = learnersOf(model, options)
  return {
    generator: G.specs.parameters,
    discriminator: D.specs.parameters,
    optimizer: { generator: G.specs.optimizer, discriminator: D.specs.optimizer },
    average: options.averageDecay === undefined ? {} : emaParameters(G.specs.parameters, "generator"),
    lead: typeof options.gradientPenalty === "object" ? lossAverage.specs : {}
  }
}

/**
 * Names of what every update measures: D's loss and its accuracy on real and generated images before its update, and G's
 * loss before its own, which is against the updated D unless they are updated simultaneously. With a gradient penalty there is
 * `gradientPenalty` besides, and of a player whose gradients are clipped their norm before that, `discriminatorGradientNorm` or
 * `generatorGradientNorm`.
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
  /** How a weight that is a number falls over the updates; constant if it is left out. */
  readonly gradientPenaltyDecay?: DecaySettings | undefined
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
 * `RangeError` if K does not divide the batch, if the updates are simultaneous but the noise is not shared, for a decay without
 * a length (`decaysOver`), and for a decay of a weight that follows D's lead.
 */
export function adversarialProgram(
  model: AdversarialModel,
  options: AdversarialOptions & { readonly gradientPenalty: PenaltyWeight }
): Program<"images", AdversarialMetric | "gradientPenalty">
export function adversarialProgram(
  model: AdversarialModel,
  options: AdversarialOptions
): Program<"images", AdversarialMetric>
export function adversarialProgram(
  model: AdversarialModel,
  options: AdversarialOptions
): Program<"images", AdversarialMetric> {
  const { batchSize, sharedNoise, simultaneous = false, gradientPenalty: penaltyWeight, averageDecay } = options
  if (simultaneous && !sharedNoise) throw new RangeError("simultaneous updates are of the same images: share the noise")
  if (typeof penaltyWeight === "object" && options.gradientPenaltyDecay !== undefined) {
    throw new RangeError("a penalty's weight that follows D's lead does not decay: leave gradientPenaltyDecay out")
  }
  const { channels, height, width } = model.format
  const learners = learnersOf(model, options)
  return make(`${model.name} training`, {
    state: adversarialState(model, options),
    inputs: { images: [batchSize, channels, height, width] },
    shards: options.shards ?? 1,
    step: ({ generator, discriminator, optimizer, average, lead }, { images }) => {
      const G = learners.G.bind({ parameters: generator, optimizer: optimizer.generator })
      const D = learners.D.bind({ parameters: discriminator, optimizer: optimizer.discriminator })
      const averageOfLoss = "parameters" in lead ? lossAverage.bind(lead) : undefined
      const call = { batch: size(images, 0), noise: "discriminator", batches: 1 }
      const fake = model.generator.generate(generator, call).images
      // Real and generated images go through D together: one pass over twice the batch. The penalty differentiates the real ones' pass.
      const both = concatenate([images, fake], 0)
      const passOfBoth = { noise: "discriminator", batches: 2 }
      const apart = (x: Tensor, noise: string): Tensor =>
        model.discriminator.logits(discriminator, x, { noise, batches: 1 })
      const [realLogits, fakeLogits] =
        penaltyWeight === undefined
          ? chunks(model.discriminator.logits(discriminator, both, passOfBoth), 0, 2)
          : [apart(images, "discriminator/real"), apart(fake, "discriminator/generated")]
      const lossOfD = discriminatorLoss(realLogits, fakeLogits)
      const atUpdate = { updates: updatesDone(D.optimizer), average: averageOfLoss }
      const penalty =
        penaltyWeight === undefined
          ? undefined
          : multiply(
              gradientPenalty(realLogits, images),
              weightAt(penaltyWeight, options.gradientPenaltyDecay, atUpdate)
            )
      const { next: nextD, gradients: gradientsOfD } = descend(D, () =>
        penalty === undefined ? lossOfD : add(lossOfD, penalty)
      )

      const callOfG = sharedNoise ? call : { ...call, noise: "generator" }
      const fakeOfG = sharedNoise ? fake : model.generator.generate(generator, callOfG).images
      const logitsOfG = simultaneous
        ? fakeLogits
        : model.discriminator.logits(nextD.parameters, fakeOfG, { noise: "generator", batches: 1 })
      const { next: movedG, loss: lossOfG, gradients: gradientsOfG } = descend(G, () => generatorLoss(logitsOfG))
      const nextG = withBuffers(movedG, model.generator.statistics?.(generator, callOfG) ?? {})
      const outputs: Readonly<Record<AdversarialMetric, Tensor>> = {
        discriminatorLoss: lossOfD,
        generatorLoss: lossOfG,
        realAccuracy: realAccuracy(realLogits),
        generatedAccuracy: generatedAccuracy(fakeLogits),
        ...(penalty === undefined ? {} : { gradientPenalty: penalty }),
        // The clipping takes them anyway; elsewhere they would cost a stage of their own.
        ...(options.discriminatorOptimizer.maxGradientNorm === undefined
          ? {}
          : { discriminatorGradientNorm: globalNorm(gradientsOfD) }),
        ...(options.generatorOptimizer.maxGradientNorm === undefined
          ? {}
          : { generatorGradientNorm: globalNorm(gradientsOfG) })
      }
      return {
        next: {
          generator: nextG.parameters,
          discriminator: withBuffers(nextD, model.discriminator.statistics?.(discriminator, both, passOfBoth) ?? {})
            .parameters,
          optimizer: { generator: nextG.optimizer, discriminator: nextD.optimizer },
          average:
            averageDecay === undefined
              ? average
              : emaStep(average, nextG.parameters, { decay: averageDecay, updates: updatesDone(G.optimizer) }),
          lead: averageOfLoss === undefined ? lead : follow(averageOfLoss, { loss: pmean(lossOfD) })
        },
        outputs
      }
    }
  })
}
