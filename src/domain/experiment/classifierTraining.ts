import type { ClassifierModel, ClassifierParameters } from "../model/classifier/Classifier.ts"
import type { ParameterSpec } from "../nn/parameter.ts"
import { randomShift } from "../nn/randomShift.ts"
import { accuracy, crossEntropy } from "../objective/crossEntropy.ts"
import { emaStep } from "../optim/ema.ts"
import { updatesDone } from "../optim/Optimizer.ts"
import { type AdamSettings, optimizerOf } from "../optim/OptimizerSettings.ts"
import { descend, learner } from "../program/Learner.ts"
import { make, type Program } from "../program/Program.ts"
import { softmax } from "../tensor/reduction.ts"
import type { Tree } from "../tensor/Tree.ts"

/** What the training of a classifier keeps from update to update. The leaves' paths are the names in checkpoints. */
export type ClassifierState = {
  /** The running mean of the parameters: the classifier proper. */
  readonly classifier: ClassifierParameters<ParameterSpec>
  /** The parameters that are moved. */
  readonly trained: ClassifierParameters<ParameterSpec>
  readonly optimizer: Tree<ParameterSpec>
}

const learnerOf = ({ parameters }: ClassifierModel, optimizer: AdamSettings) =>
  learner(parameters, optimizerOf(optimizer))

/** The state before the first update. Throws a `RangeError` for a decay without a length in updates. */
export const classifierState = (model: ClassifierModel, optimizer: AdamSettings): ClassifierState => ({
  classifier: model.parameters,
  trained: model.parameters,
  optimizer: learnerOf(model, optimizer).specs.optimizer
})

/** Names of what an update measures: loss (in nats) and accuracy on its batch, before it. */
export type ClassifierMetric = "loss" | "accuracy"

/** How a classifier is trained. */
export interface ClassifierOptions {
  readonly batchSize: number
  /** By how many pixels at most each image is moved, down or up and to the side, before it is learnt from. */
  readonly shift: number
  readonly optimizer: AdamSettings
  /** How much of the running mean of the parameters an update keeps, in [0, 1). */
  readonly averageDecay: number
}

/**
 * One update of a classifier by the cross-entropy of its logits. Inputs `images`, `[batch, channels, B, A]`, and `labels`,
 * one-hot, `[batch, classes]`; every output is a scalar.
 *
 * The classifier proper is a running mean of the parameters, after B. Polyak and A. Juditsky 1992 (Acceleration of stochastic
 * approximation by averaging), which stands in for a falling learning rate. The first parameters have no part in it
 * (`emaStep`), so that it is as good as those it averages after few updates as well.
 */
export const classifierProgram = (
  model: ClassifierModel,
  { batchSize, shift, optimizer: settings, averageDecay }: ClassifierOptions
): Program<"images" | "labels", ClassifierMetric> => {
  const { channels, height, width } = model.format
  const classifying = learnerOf(model, settings)
  return make(`${model.name} training`, {
    state: classifierState(model, settings),
    inputs: { images: [batchSize, channels, height, width], labels: [batchSize, model.classes] },
    step: ({ classifier, trained, optimizer }, { images, labels }) => {
      const shown = randomShift(images, shift, "shift")
      const logits = model.logits(trained, model.features(trained, shown))
      const { next, loss } = descend(classifying.bind({ parameters: trained, optimizer }), () =>
        crossEntropy(logits, labels)
      )
      const average = emaStep(classifier, next.parameters, { decay: averageDecay, updates: updatesDone(optimizer) })
      return {
        next: { classifier: average, trained: next.parameters, optimizer: next.optimizer },
        outputs: { loss, accuracy: accuracy(logits, labels) }
      }
    }
  })
}

/**
 * A program that classifies `batch` images a step: input `images`, `[batch, channels, B, A]`, outputs `features`,
 * `[batch, features]`, and `probabilities`, `[batch, classes]`. Its state is `classifier.*`.
 */
export const classifyingProgram = (
  model: ClassifierModel,
  batch: number
): Program<"images", "features" | "probabilities"> => {
  const { channels, height, width } = model.format
  return make(`${model.name} classifying`, {
    state: { classifier: model.parameters },
    inputs: { images: [batch, channels, height, width] },
    step: ({ classifier }, { images }) => {
      const features = model.features(classifier, images)
      return { outputs: { features, probabilities: softmax(model.logits(classifier, features)) } }
    }
  })
}
