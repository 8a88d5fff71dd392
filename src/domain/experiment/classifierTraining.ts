import type { ClassifierModel, ClassifierParameters } from "../model/classifier/Classifier.ts"
import { type ParameterSpec, parameterPlaceholders } from "../nn/parameter.ts"
import { randomShift } from "../nn/randomShift.ts"
import { accuracy, crossEntropy } from "../objective/crossEntropy.ts"
import { type AdamSettings, type AdamState, adam, adamState } from "../optim/adam.ts"
import { emaStep } from "../optim/ema.ts"
import { gradient } from "../tensor/gradient.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { softmax } from "../tensor/reduction.ts"
import { placeholder } from "../tensor/source.ts"

/** What the training of a classifier keeps from update to update. The leaves' paths are the names in checkpoints. */
export type ClassifierState<Leaf> = {
  /** The running mean of the parameters: the classifier proper. */
  readonly classifier: ClassifierParameters<Leaf>
  /** The parameters that are moved. */
  readonly trained: ClassifierParameters<Leaf>
  readonly optimizer: AdamState<ClassifierParameters<Leaf>, Leaf>
}

/** The state before the first update. */
export const classifierState = ({ parameters }: ClassifierModel): ClassifierState<ParameterSpec> => ({
  classifier: parameters,
  trained: parameters,
  optimizer: adamState(parameters)
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
  { batchSize: batch, shift, optimizer, averageDecay }: ClassifierOptions
): Program<"images" | "labels", ClassifierMetric> => {
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const labels = placeholder("labels", [batch, model.classes])
  const average = parameterPlaceholders(model.parameters, "classifier")
  const trained = parameterPlaceholders(model.parameters, "trained")
  const moments = parameterPlaceholders(adamState(model.parameters), "optimizer")
  const shown = randomShift(images, shift, "shift")
  const logits = model.logits(trained, model.features(trained, shown))
  const loss = crossEntropy(logits, labels)
  const updated = adam(optimizer, trained, gradient(loss, trained), moments)
  return makeProgram({
    name: `${model.name} training`,
    state: { classifier: average, trained, optimizer: moments },
    inputs: { images, labels },
    next: {
      classifier: emaStep(average, updated.parameters, { decay: averageDecay, updates: moments.updates }),
      trained: updated.parameters,
      optimizer: updated.state
    },
    outputs: { loss, accuracy: accuracy(logits, labels) }
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
  const images = placeholder("images", [batch, channels, height, width])
  const classifier = parameterPlaceholders(model.parameters, "classifier")
  const features = model.features(classifier, images)
  return makeProgram({
    name: `${model.name} classifying`,
    state: { classifier },
    inputs: { images },
    next: { classifier },
    outputs: { features, probabilities: softmax(model.logits(classifier, features)) }
  })
}
