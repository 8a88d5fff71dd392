import type { ClassifierExperiment } from "../../domain/experiment/ClassifierExperiment.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"

/** A classifier at the end of its training. */
export interface TrainedClassifier {
  readonly settings: ClassifierExperiment
  readonly format: ImageFormat
  /** How many classes it tells apart. */
  readonly classes: number
  /** Parameters and the rest of the training state, by path. */
  readonly tensors: NamedTensors
  readonly epochs: number
  /** Share of the data set's test images that it names rightly, in [0, 1]. */
  readonly testAccuracy: number
}
