import { type ImageSet, pixelMarginals } from "../../../src/domain/data/Images.ts"
import { classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"
import { classifierState } from "../../../src/domain/experiment/classifierTraining.ts"
import { classifierModel } from "../../../src/domain/model/classifier/Classifier.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import type { TrainedClassifier } from "../../../src/programs/classifier/TrainedClassifier.ts"

/** A classifier that was never trained: its features are functions of the images like any other's. */
export const tinyClassifier = (training: ImageSet, classes: number): TrainedClassifier => {
  const { channels, height, width } = training
  const format = { channels, height, width }
  const settings = classifierPreset
  const state = classifierState(classifierModel(settings.model, format, classes), settings.optimizer)
  const tensors = initialise(state, 1, pixelMarginals(training, 1))
  return { settings, format, classes, tensors, epochs: 0, testAccuracy: 0.1 }
}
