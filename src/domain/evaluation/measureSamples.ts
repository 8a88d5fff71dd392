import * as Result from "effect/Result"
import { classMeasures } from "./classes.ts"
import { densityCoverage } from "./densityCoverage.ts"
import { featureStatistics } from "./featureStatistics.ts"
import { frechetDistance } from "./frechetDistance.ts"
import { greyness } from "./greyness.ts"
import { inceptionScore } from "./inceptionScore.ts"
import type { JudgedPictures, JudgedReference } from "./judgedReference.ts"
import { kernelDistance } from "./kernelDistance.ts"
import { type MeanAndError, ratioOfMeans, relativeToReal } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"
import type { NearnessComparison } from "./nearnessComparison.ts"
import type { Neighbourhoods } from "./neighbourhoods.ts"
import { precisionRecall } from "./precisionRecall.ts"
import type { CourseMeasures, Estimate, SampleMeasures } from "./SampleMeasures.ts"
import { sharpness } from "./sharpness.ts"
import { speckle } from "./speckle.ts"

/** The fewest samples that all of `SampleMeasures` can be taken of: two for each of the Inception score's ten parts. */
export const fewestSamples = 20

/** What is measured over pairs of pictures, which a backend does faster than this folder's functions. */
export interface PairMeasures {
  /** Of the features, among as many real ones: `neighbourhoods`. */
  readonly neighbourhoods: Neighbourhoods
  /** Of the pixels: `memorisation` has both numbers. */
  readonly memorisation: NearnessComparison
  /** Of the pixels: `parzenProgram`. */
  readonly parzen: SampleMeasures["parzen"]
}

/** A `MeasureError` if there are too few samples for `sampleMeasures`, before anything is computed of them. */
export const tooFewSamples = (count: number): MeasureError | undefined => {
  if (count >= fewestSamples) return undefined
  const problem = `needs at least ${fewestSamples} of them (2 in each of 10 parts), found ${count}`
  return new MeasureError({ measure: "Inception score", input: "samples", problem })
}

/**
 * All measures of a set of pictures against real data. Fails with a `MeasureError` for fewer than 20 pictures, or
 * features of another network than the reference's. The Inception score's error is that of its mean over the ten parts,
 * as if they were drawn independently. Time: the Frechet and the kernel distance, about 2 s for 10,000 x 64.
 */
export const sampleMeasures = (
  judged: JudgedPictures,
  reference: JudgedReference,
  { neighbourhoods, memorisation, parzen }: PairMeasures
): Result.Result<SampleMeasures, MeasureError> => {
  const tooFew = tooFewSamples(judged.pictures.shape[0] ?? 0)
  if (tooFew !== undefined) return Result.fail(tooFew)
  return Result.map(
    Result.all({
      common: commonMeasures(judged, reference),
      kernel: kernelDistance(reference.features, judged.features),
      inception: inceptionScore(judged.probabilities)
    }),
    ({ common, kernel, inception }) => ({
      count: common.count,
      frechetDistance: common.frechetDistance,
      kernelDistance: estimate(kernel),
      ...precisionRecall(neighbourhoods),
      ...densityCoverage(neighbourhoods),
      inceptionScore: estimate(inception),
      classHistogram: [...common.classes.frequencies],
      classEntropy: common.classes.entropy,
      classDistance: common.classes.distance,
      confidence: estimate(common.classes.confidence),
      sharpness: common.sharpness,
      greyness: common.greyness,
      speckle: common.speckle,
      memorisation: { ratio: memorisation.ratio, nearerThanTest: memorisation.nearerThanTest },
      parzen
    })
  )
}

/** The measures that are cheap enough to be taken often, as over a training. Fails as `sampleMeasures` does, from 2. */
export const courseMeasures = (
  judged: JudgedPictures,
  reference: JudgedReference,
  neighbourhoods: Neighbourhoods
): Result.Result<CourseMeasures, MeasureError> =>
  Result.map(commonMeasures(judged, reference), (common) => ({
    count: common.count,
    frechetDistance: common.frechetDistance,
    classEntropy: common.classes.entropy,
    confidence: common.classes.confidence.mean,
    coverage: densityCoverage(neighbourhoods).coverage,
    precision: precisionRecall(neighbourhoods).precision,
    sharpness: common.sharpness.value
  }))

const commonMeasures = ({ pictures, features, probabilities }: JudgedPictures, reference: JudgedReference) =>
  Result.all({
    count: Result.succeed(pictures.shape[0] ?? 0),
    frechetDistance: Result.flatMap(featureStatistics(features), (own) => frechetDistance(reference.statistics, own)),
    classes: classMeasures(probabilities, reference.classFrequencies),
    sharpness: Result.map(sharpness(pictures), (own) => ratioOfMeans(own, reference.testSharpness)),
    greyness: Result.map(greyness(pictures), (own) => relativeToReal(own, reference.testGreyness)),
    speckle: Result.map(speckle(pictures), (own) => relativeToReal(own, reference.testSpeckle))
  })

const estimate = ({ mean, standardError }: MeanAndError): Estimate => ({ value: mean, standardError })
