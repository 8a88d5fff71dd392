import * as Result from "effect/Result"
import type { Attempt, MeasureAttempts } from "./AvailableMeasures.ts"
import { classMeasures } from "./classes.ts"
import type { EvaluatedImages, EvaluatedReference, RealFeatures, RealLooks } from "./evaluatedReference.ts"
import { featureStatistics } from "./featureStatistics.ts"
import { frechetDistance } from "./frechetDistance.ts"
import { greyness } from "./greyness.ts"
import { inceptionScore } from "./inceptionScore.ts"
import { kernelDistance } from "./kernelDistance.ts"
import { ratioOfMeans, relativeToReal } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"
import { densityCoverage, precisionRecall } from "./neighbourhoods.ts"
import type { Neighbourhoods } from "./neighbourhoodTally.ts"
import type { HistoryMeasures } from "./SampleMeasures.ts"
import { sharpness } from "./sharpness.ts"
import { speckle } from "./speckle.ts"

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
  /** What is measured over pairs of images, on a backend: of features, and of pixels. */
  readonly pairs: Pick<MeasureAttempts, "neighbourhoods" | "memorisation" | "parzen">
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

/** The measures that are cheap enough to be taken often, as over a training. Fails with a `MeasureError` for fewer than 2 images. */
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
