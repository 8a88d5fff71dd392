import type { ClassifierExperiment } from "../../domain/experiment/ClassifierExperiment.ts"
import type { ClassifierRecord } from "../../domain/metrics/ClassifierRecord.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"

/** A classifier at the end of its training. */
export interface TrainedClassifier extends ClassifierRecord {
  readonly settings: ClassifierExperiment
  readonly format: ImageFormat
  /** How many classes it tells apart. */
  readonly classes: number
  /** Parameters and the rest of the training state, by path. */
  readonly tensors: NamedTensors
}

/** What is recorded of a classifier beside what is measured by it. */
export const recordOf = ({
  epochs,
  testAccuracy,
  testImages,
  commonestShare
}: TrainedClassifier): ClassifierRecord => ({
  epochs,
  testAccuracy,
  ...(testImages !== undefined && { testImages }),
  ...(commonestShare !== undefined && { commonestShare })
})
