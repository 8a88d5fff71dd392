// The public entry "fovea/evaluation": measures of pictures, features and class probabilities, for anyone's samples.

export { decodeNpy, type NpyArray, NpyError } from "./domain/dataset/npy.ts"
export { npyPictures } from "./domain/dataset/npyPictures.ts"
export {
  type Attempt,
  AvailableMeasures,
  availableMeasures,
  type MeasureAttempts
} from "./domain/evaluation/AvailableMeasures.ts"
export { ClassifierRecord, classifierSkill, classifierWarning } from "./domain/evaluation/ClassifierRecord.ts"
export {
  type ClassMeasures,
  classFrequencies,
  classMeasures,
  entropy,
  mostProbable,
  totalVariation
} from "./domain/evaluation/classes.ts"
export { contentOrder } from "./domain/evaluation/contentOrder.ts"
export { coverageOfShares, type DensityCoverage, densityCoverage } from "./domain/evaluation/densityCoverage.ts"
export {
  type DistanceSizes,
  distancesProgram,
  nearestProgram,
  referenceState
} from "./domain/evaluation/distancePrograms.ts"
export { Evaluation } from "./domain/evaluation/Evaluation.ts"
export { evaluationTable } from "./domain/evaluation/evaluationTable.ts"
export { type FeatureInput, type FeaturePreparation, preparePictures } from "./domain/evaluation/featureInput.ts"
export { type FeatureStatistics, featureStatistics } from "./domain/evaluation/featureStatistics.ts"
export { frechetDistance } from "./domain/evaluation/frechetDistance.ts"
export { inceptionScore } from "./domain/evaluation/inceptionScore.ts"
export { type InkBox, inkParts } from "./domain/evaluation/inkParts.ts"
export {
  type JudgedPictures,
  type JudgedReference,
  judgedReference,
  mostPairs,
  type RealData
} from "./domain/evaluation/judgedReference.ts"
export { type KernelDistance, kernelDistance } from "./domain/evaluation/kernelDistance.ts"
export { type MeanAndError, meanAndError } from "./domain/evaluation/MeanAndError.ts"
export { MeasureError } from "./domain/evaluation/MeasureError.ts"
export { courseMeasures, fewestSamples, type PairMeasures, sampleMeasures } from "./domain/evaluation/measureSamples.ts"
export { type Memorisation, memorisation } from "./domain/evaluation/memorisation.ts"
export { compareNearness, type NearnessComparison } from "./domain/evaluation/nearnessComparison.ts"
export { type Neighbourhoods, neighbourhoods } from "./domain/evaluation/neighbourhoods.ts"
export { kthSmallest, type NeighbourhoodTally, neighbourhoodTally } from "./domain/evaluation/neighbourhoodTally.ts"
export { chooseWidth, parzenProgram, parzenWidths } from "./domain/evaluation/parzen.ts"
export { type PictureDistance, pictureDistance } from "./domain/evaluation/pictureDistance.ts"
export { type PrecisionRecall, precisionRecall } from "./domain/evaluation/precisionRecall.ts"
export { subsample } from "./domain/evaluation/Rows.ts"
export { resizePictures } from "./domain/evaluation/resizePictures.ts"
export { CourseMeasures, Estimate, SampleMeasures } from "./domain/evaluation/SampleMeasures.ts"
export { type RelativeSharpness, relativeSharpness, sharpness } from "./domain/evaluation/sharpness.ts"
export { type StepChange, stepChanges } from "./domain/evaluation/stepChanges.ts"
export { type PickFreeze, type Share, type VarianceShares, varianceShares } from "./domain/evaluation/varianceShares.ts"
export { type AgainstChance, type WindowsOnInk, windowsOnInk } from "./domain/evaluation/windowsOnInk.ts"
export { FeatureError, FeatureExtractor } from "./layers/features/FeatureExtractor.ts"
export { layerOnnxFeatures, type OnnxFeaturesOptions } from "./layers/features/onnxFeatures.ts"
export { readSamples } from "./layers/samples/readSamples.ts"
export { SamplesError } from "./layers/samples/SamplesError.ts"
export {
  type EvaluationReference,
  type Judges,
  openReference,
  openReferenceBy
} from "./programs/evaluation/EvaluationReference.ts"
export { type EvaluationRequest, evaluatePictures } from "./programs/evaluation/evaluatePictures.ts"
export { measureAvailable, measureCourse, measureSamples } from "./programs/evaluation/measurePictures.ts"
export { measureReferences, type ReferenceMeasures } from "./programs/evaluation/measureReferences.ts"
export { neighboursOnBackend, type RealNeighbours, realNeighbours } from "./programs/evaluation/neighboursOnBackend.ts"
export { nearestDistances } from "./programs/evaluation/pairDistances.ts"
export { parzenLikelihood } from "./programs/evaluation/parzenLikelihood.ts"
export { wholeDataset } from "./programs/evaluation/wholeDataset.ts"
