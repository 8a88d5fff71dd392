// The public entry "fovea/evaluation": measures of pictures, features and class probabilities, for anyone's samples.
export {
  type ClassMeasures,
  classFrequencies,
  classMeasures,
  entropy,
  mostProbable,
  totalVariation
} from "./domain/evaluation/classes.ts"
export { type DensityCoverage, densityCoverage } from "./domain/evaluation/densityCoverage.ts"
export { type FeatureStatistics, featureStatistics } from "./domain/evaluation/featureStatistics.ts"
export { frechetDistance } from "./domain/evaluation/frechetDistance.ts"
export { type InceptionScore, inceptionScore } from "./domain/evaluation/inceptionScore.ts"
export { type KernelDistance, kernelDistance } from "./domain/evaluation/kernelDistance.ts"
export { type MeanAndError, meanAndError } from "./domain/evaluation/MeanAndError.ts"
export { MeasureError } from "./domain/evaluation/MeasureError.ts"
export { type Memorisation, memorisation } from "./domain/evaluation/memorisation.ts"
export { type Neighbourhoods, neighbourhoods } from "./domain/evaluation/neighbourhoods.ts"
export { chooseWidth, parzenProgram, parzenWidths } from "./domain/evaluation/parzen.ts"
export { type PictureDistance, pictureDistance } from "./domain/evaluation/pictureDistance.ts"
export { type PrecisionRecall, precisionRecall } from "./domain/evaluation/precisionRecall.ts"
export { subsample } from "./domain/evaluation/Rows.ts"
export { type RelativeSharpness, relativeSharpness, sharpness } from "./domain/evaluation/sharpness.ts"
export { type StepChange, stepChanges } from "./domain/evaluation/stepChanges.ts"
export { type PickFreeze, type Share, type VarianceShares, varianceShares } from "./domain/evaluation/varianceShares.ts"
