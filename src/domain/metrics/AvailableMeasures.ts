import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ClassMeasures } from "./classes.ts"
import type { MeanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"
import type { NearnessComparison } from "./nearnessComparison.ts"
import { densityCoverage, precisionRecall } from "./neighbourhoods.ts"
import type { Neighbourhoods } from "./neighbourhoodTally.ts"
import { type Estimate, SampleMeasures } from "./SampleMeasures.ts"

/** A value, and its standard error where there is one: of one sample nobody knows it. */
const AvailableEstimate = Schema.Struct({ value: Schema.Number, standardError: Schema.optionalKey(Schema.Number) })

const { count, parzen, ...fields } = SampleMeasures.fields

/** `SampleMeasures` as far as the images and the data allow: what is not there could not be measured, and it is said why. */
export const AvailableMeasures = Schema.Struct({
  count,
  frechetDistance: Schema.optionalKey(fields.frechetDistance),
  kernelDistance: Schema.optionalKey(AvailableEstimate),
  precision: Schema.optionalKey(fields.precision),
  recall: Schema.optionalKey(fields.recall),
  density: Schema.optionalKey(fields.density),
  coverage: Schema.optionalKey(fields.coverage),
  inceptionScore: Schema.optionalKey(AvailableEstimate),
  classHistogram: Schema.optionalKey(fields.classHistogram),
  classEntropy: Schema.optionalKey(fields.classEntropy),
  classDistance: Schema.optionalKey(fields.classDistance),
  confidence: Schema.optionalKey(AvailableEstimate),
  legible: fields.legible,
  sharpness: Schema.optionalKey(AvailableEstimate),
  greyness: Schema.optionalKey(AvailableEstimate),
  speckle: Schema.optionalKey(AvailableEstimate),
  memorisation: Schema.optionalKey(fields.memorisation),
  parzen: Schema.optionalKey(
    Schema.Struct({ ...parzen.fields, standardError: Schema.optionalKey(parzen.fields.standardError) })
  ),
  /** The fields that are missing, and why: what was needed and what was found. */
  unmeasured: Schema.Array(Schema.Struct({ measures: Schema.Array(Schema.String), reason: Schema.String }))
})
export type AvailableMeasures = typeof AvailableMeasures.Type

/** What may be there of the measures of images: all of `SampleMeasures`, too. */
export type MeasuredSamples = Omit<AvailableMeasures, "unmeasured">

/** What a measure came to, or why it could not be taken. */
export type Attempt<A> = Result.Result<A, MeasureError>

/** Every measure of some images, as far as it could be taken: each has its own needs. */
export interface MeasureAttempts {
  readonly frechetDistance: Attempt<number>
  readonly kernelDistance: Attempt<MeanAndError>
  readonly neighbourhoods: Attempt<Neighbourhoods>
  readonly inceptionScore: Attempt<MeanAndError>
  readonly classes: Attempt<ClassMeasures>
  readonly sharpness: Attempt<Estimate>
  readonly greyness: Attempt<Estimate>
  readonly speckle: Attempt<Estimate>
  readonly memorisation: Attempt<NearnessComparison>
  readonly parzen: Attempt<SampleMeasures["parzen"]>
}

/** All measures of `count` images; fails with the first that could not be taken. */
export const completeMeasures = (
  count: number,
  attempts: MeasureAttempts
): Result.Result<SampleMeasures, MeasureError> =>
  Result.map(
    Result.all({ ...attempts }),
    ({ neighbourhoods, classes, kernelDistance, inceptionScore, memorisation, ...others }) => ({
      count,
      ...others,
      ...precisionRecall(neighbourhoods),
      ...densityCoverage(neighbourhoods),
      ...classFields(classes),
      confidence: estimate(classes.confidence),
      kernelDistance: estimate(kernelDistance),
      inceptionScore: estimate(inceptionScore),
      memorisation: nearnessFields(memorisation)
    })
  )

/** The measures of `count` images that could be taken, and why the others could not. */
export const availableMeasures = (count: number, attempts: MeasureAttempts): AvailableMeasures => {
  const unmeasured: Array<{ measures: ReadonlyArray<string>; reason: string }> = []
  const found = <A, B extends object>(measures: ReadonlyArray<string>, attempt: Attempt<A>, fieldsOf: (a: A) => B) => {
    if (Result.isSuccess(attempt)) return fieldsOf(attempt.success)
    const { message: reason } = attempt.failure
    const known = unmeasured.findIndex((entry) => entry.reason === reason)
    const before = unmeasured[known]
    if (before === undefined) unmeasured.push({ measures, reason })
    else unmeasured[known] = { reason, measures: [...before.measures, ...measures] }
    return undefined
  }
  const measures = {
    ...found(["frechetDistance"], attempts.frechetDistance, (frechetDistance) => ({ frechetDistance })),
    ...found(["kernelDistance"], attempts.kernelDistance, (kernel) => ({ kernelDistance: known(estimate(kernel)) })),
    ...found(["precision", "recall", "density", "coverage"], attempts.neighbourhoods, (both) => ({
      ...precisionRecall(both),
      ...densityCoverage(both)
    })),
    ...found(["inceptionScore"], attempts.inceptionScore, (score) => ({ inceptionScore: known(estimate(score)) })),
    ...found(
      ["classHistogram", "classEntropy", "classDistance", "confidence", "legible"],
      attempts.classes,
      (classes) => ({
        ...classFields(classes),
        confidence: known(estimate(classes.confidence))
      })
    ),
    ...found(["sharpness"], attempts.sharpness, (sharpness) => ({ sharpness: known(sharpness) })),
    ...found(["greyness"], attempts.greyness, (greyness) => ({ greyness: known(greyness) })),
    ...found(["speckle"], attempts.speckle, (speckle) => ({ speckle: known(speckle) })),
    ...found(["memorisation"], attempts.memorisation, (nearness) => ({ memorisation: nearnessFields(nearness) })),
    ...found(["parzen"], attempts.parzen, (window) => ({ parzen: known(window) }))
  }
  return { count, ...measures, unmeasured }
}

const estimate = ({ mean, standardError }: MeanAndError): Estimate => ({ value: mean, standardError })

/** Without a standard error that is none. */
const known = <A extends { readonly standardError: number }>({ standardError, ...rest }: A) =>
  Number.isFinite(standardError) ? { ...rest, standardError } : rest

const classFields = ({ frequencies, entropy, distance, legible }: ClassMeasures) => ({
  classHistogram: [...frequencies],
  classEntropy: entropy,
  classDistance: distance,
  legible
})

const nearnessFields = ({ ratio, nearerThanTest }: NearnessComparison) => ({ ratio, nearerThanTest })
