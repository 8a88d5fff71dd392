import * as Result from "effect/Result"
import { type Attempt, completeMeasures, type MeasureAttempts } from "./AvailableMeasures.ts"
import { classMeasures } from "./classes.ts"
import type { EvaluatedImages, EvaluatedReference, RealFeatures, RealLooks } from "./evaluatedReference.ts"
import { featureStatistics } from "./featureStatistics.ts"
import { frechetDistance } from "./frechetDistance.ts"
import { greyness } from "./greyness.ts"
import { inceptionScore } from "./inceptionScore.ts"
import { kernelDistance } from "./kernelDistance.ts"
import { ratioOfMeans, relativeToReal } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"
import type { NearnessComparison } from "./nearnessComparison.ts"
import { densityCoverage, precisionRecall, usualNeighbours } from "./neighbourhoods.ts"
import type { Neighbourhoods } from "./neighbourhoodTally.ts"
import type { HistoryMeasures, SampleMeasures } from "./SampleMeasures.ts"
import { sharpness } from "./sharpness.ts"
import { speckle } from "./speckle.ts"

/** The fewest samples that all of `SampleMeasures` can be taken of: each needs five neighbours. */
export const fewestSamples = usualNeighbours + 1

/** What is measured over pairs of images, which a backend does faster than this folder's functions. */
export interface PairMeasures {
  /** Of the features, among as many real ones: `neighbourhoods`. */
  readonly neighbourhoods: Neighbourhoods
  /** Of the pixels: `memorisation` has both numbers. */
  readonly memorisation: NearnessComparison
  /** Of the pixels: `parzenProgram`. */
  readonly parzen: SampleMeasures["parzen"]
}

/** Images and what is seen in them, and the real ones, as far as there are any. */
export interface MeasuredParts {
  readonly judged: {
    readonly images: EvaluatedImages["images"]
    readonly features: Attempt<EvaluatedImages["features"]>
    readonly probabilities: Attempt<EvaluatedImages["probabilities"]>
  }
  readonly real: {
    readonly features: Attempt<RealFeatures>
    readonly classFrequencies: Attempt<Float64Array>
    readonly looks: RealLooks
  }
  readonly pairs: { readonly [K in keyof PairMeasures]: Attempt<PairMeasures[K]> }
}

/**
 * Every measure of a set of images against real data that can be taken of what there is; each says by itself what it
 * needs. Time: the Frechet and the kernel distance, about 2 s for 10,000 x 64.
 */
export const measureAttempts = ({ judged, real, pairs }: MeasuredParts): MeasureAttempts => {
  const { images, features, probabilities } = judged
  const both = Result.all({ own: features, real: real.features })
  return {
    frechetDistance: Result.flatMap(both, ({ own, real: { statistics } }) =>
      Result.flatMap(featureStatistics(own), (ofOwn) => frechetDistance(statistics, ofOwn))
    ),
    kernelDistance: Result.flatMap(both, ({ own, real: { features: ofReal } }) => kernelDistance(ofReal, own)),
    inceptionScore: Result.flatMap(probabilities, inceptionScore),
    classes: Result.flatMap(Result.all([probabilities, real.classFrequencies]), ([own, frequencies]) =>
      classMeasures(own, frequencies)
    ),
    sharpness: Result.map(Result.all([sharpness(images), real.looks.testSharpness]), ([own, test]) =>
      ratioOfMeans(own, test)
    ),
    greyness: Result.map(Result.all([greyness(images), real.looks.testGreyness]), ([own, test]) =>
      relativeToReal(own, test)
    ),
    speckle: Result.map(Result.all([speckle(images), real.looks.testSpeckle]), ([own, test]) =>
      relativeToReal(own, test)
    ),
    ...pairs
  }
}

/**
 * All measures of a set of images against real data. Fails with a `MeasureError` for fewer than 6 images, or
 * features of another network than the reference's.
 */
export const sampleMeasures = (
  judged: EvaluatedImages,
  reference: EvaluatedReference,
  pairs: PairMeasures
): Result.Result<SampleMeasures, MeasureError> => {
  const { neighbourhoods, memorisation, parzen } = pairs
  return completeMeasures(
    judged.images.shape[0] ?? 0,
    measureAttempts({
      ...partsOf(judged, reference),
      pairs: {
        neighbourhoods: Result.succeed(neighbourhoods),
        memorisation: Result.succeed(memorisation),
        parzen: Result.succeed(parzen)
      }
    })
  )
}

const partsOf = (
  { images, features, probabilities }: EvaluatedImages,
  { statistics, features: realFeatures, classFrequencies, testSharpness, testGreyness, testSpeckle }: EvaluatedReference
): Omit<MeasuredParts, "pairs"> => ({
  judged: { images, features: Result.succeed(features), probabilities: Result.succeed(probabilities) },
  real: {
    features: Result.succeed({ statistics, features: realFeatures }),
    classFrequencies: Result.succeed(classFrequencies),
    looks: {
      testSharpness: Result.succeed(testSharpness),
      testGreyness: Result.succeed(testGreyness),
      testSpeckle: Result.succeed(testSpeckle)
    }
  }
})

/** The measures that are cheap enough to be taken often, as over a training. Fails as `sampleMeasures` does, from 2. */
export const historyMeasures = (
  judged: EvaluatedImages,
  reference: EvaluatedReference,
  neighbourhoods: Neighbourhoods
): Result.Result<HistoryMeasures, MeasureError> =>
  Result.map(
    Result.all({
      frechetDistance: Result.flatMap(featureStatistics(judged.features), (own) =>
        frechetDistance(reference.statistics, own)
      ),
      classes: classMeasures(judged.probabilities, reference.classFrequencies),
      sharp: sharpness(judged.images)
    }),
    ({ frechetDistance: distance, classes, sharp }) => ({
      count: judged.images.shape[0] ?? 0,
      frechetDistance: distance,
      classEntropy: classes.entropy,
      confidence: classes.confidence.mean,
      coverage: densityCoverage(neighbourhoods).coverage,
      precision: precisionRecall(neighbourhoods).precision,
      sharpness: ratioOfMeans(sharp, reference.testSharpness).value
    })
  )
