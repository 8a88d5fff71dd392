// The public entry "fovea/evaluation": measures of images, features and class probabilities, for anyone's samples.

export { decodeNpy, type NpyArray, NpyError } from "./domain/data/npy.ts"
export { npyImages } from "./domain/data/npyImages.ts"
export {
  type Attempt,
  AvailableMeasures,
  availableMeasures,
  completeMeasures,
  type MeasureAttempts
} from "./domain/metrics/AvailableMeasures.ts"
export {
  type AgainstChance,
  type AttentionOnForeground,
  attentionOnForeground
} from "./domain/metrics/attentionOnForeground.ts"
export { ClassifierRecord, classifierSkill, classifierWarning } from "./domain/metrics/ClassifierRecord.ts"
export {
  type ClassMeasures,
  classFrequencies,
  classMeasures,
  entropy,
  type LabelMeasures,
  labelMeasures,
  mostProbable,
  totalVariation
} from "./domain/metrics/classes.ts"
export { type ComponentBox, connectedComponents } from "./domain/metrics/connectedComponents.ts"
export { contentOrder } from "./domain/metrics/contentOrder.ts"
export {
  type DistanceSizes,
  distancesProgram,
  nearestProgram,
  referenceState
} from "./domain/metrics/distancePrograms.ts"
export { EvaluationReport } from "./domain/metrics/EvaluationReport.ts"
export {
  type EvaluatedImages,
  type EvaluatedReference,
  evaluatedReference,
  mostPairs,
  type RealData
} from "./domain/metrics/evaluatedReference.ts"
export { evaluationTable } from "./domain/metrics/evaluationTable.ts"
export { type FeatureInput, type FeaturePreparation, prepareImages } from "./domain/metrics/featureInput.ts"
export { type FeatureStatistics, featureStatistics } from "./domain/metrics/featureStatistics.ts"
export { frechetDistance } from "./domain/metrics/frechetDistance.ts"
export { type ImageDistance, imageDistance } from "./domain/metrics/imageDistance.ts"
export { inceptionScore } from "./domain/metrics/inceptionScore.ts"
export { type KernelDistance, kernelDistance } from "./domain/metrics/kernelDistance.ts"
export { type MeanAndError, meanAndError } from "./domain/metrics/MeanAndError.ts"
export { MeasureError } from "./domain/metrics/MeasureError.ts"
export { historyMeasures, measureAttempts } from "./domain/metrics/measureSamples.ts"
export { type Memorisation, memorisation } from "./domain/metrics/memorisation.ts"
export { compareNearness, type NearnessComparison } from "./domain/metrics/nearnessComparison.ts"
export {
  coverageOfShares,
  type DensityCoverage,
  densityCoverage,
  neighbourhoods,
  type PrecisionRecall,
  precisionRecall
} from "./domain/metrics/neighbourhoods.ts"
export type { Neighbourhoods } from "./domain/metrics/neighbourhoodTally.ts"
export { kthSmallest, type NeighbourhoodTally, neighbourhoodTally } from "./domain/metrics/neighbourhoodTally.ts"
export { chooseWidth, parzenProgram, parzenWidths } from "./domain/metrics/parzen.ts"
export { subsample } from "./domain/metrics/Rows.ts"
export { resizeImages } from "./domain/metrics/resizeImages.ts"
export { Estimate, HistoryMeasures, SampleMeasures } from "./domain/metrics/SampleMeasures.ts"
export { type RelativeSharpness, relativeSharpness, sharpness } from "./domain/metrics/sharpness.ts"
export { type PickFreeze, type Share, type SobolIndices, sobolIndices } from "./domain/metrics/sobolIndices.ts"
export { type StepChange, stepChanges } from "./domain/metrics/stepChanges.ts"
export { FeatureError, FeatureExtractor } from "./layers/features/FeatureExtractor.ts"
export type { OnnxFeaturesOptions } from "./layers/features/onnxFeatures.ts"
export { layerOnnxFeatures } from "./layers/onDemand.ts"
export { readSamples } from "./layers/samples/readSamples.ts"
export { SamplesError } from "./layers/samples/SamplesError.ts"
export {
  type EvaluationReference,
  type Evaluators,
  openReferenceBy
} from "./programs/evaluation/EvaluationReference.ts"
export { type EvaluationRequest, evaluateImages, wholeDataset } from "./programs/evaluation/evaluateImages.ts"
export { measureAvailable } from "./programs/evaluation/measureImages.ts"
export type { ReferenceMeasures } from "./programs/evaluation/measureReferences.ts"
export { neighboursOnBackend, type RealNeighbours, realNeighbours } from "./programs/evaluation/neighboursOnBackend.ts"
export { nearestDistances } from "./programs/evaluation/pairDistances.ts"
export { parzenLikelihood } from "./programs/evaluation/parzenLikelihood.ts"
