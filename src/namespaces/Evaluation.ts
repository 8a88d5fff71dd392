// Measuring samples against real images, by a classifier that is trained for it.
export { classify } from "../programs/classifier/classify.ts"
export { openClassifier } from "../programs/classifier/openClassifier.ts"
export { openReference } from "../programs/evaluation/EvaluationReference.ts"
export { measureElbo } from "../programs/evaluation/measureElbo.ts"
export { measureHistory, measureSamples } from "../programs/evaluation/measureImages.ts"
export { type JudgeOptions, measure, measureLabels } from "../programs/evaluation/measureOfDataset.ts"
export { measureReferences } from "../programs/evaluation/measureReferences.ts"
export { measureWindows } from "../programs/evaluation/measureWindows.ts"
