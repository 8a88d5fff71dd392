import * as Schema from "effect/Schema"
import { formatShare } from "../text/numbers.ts"

/** How a classifier was trained and how good it is: what everything measured by it has to be read beside. */
export const ClassifierRecord = Schema.Struct({
  /** Passes over its training images; in part where it was trained by updates. */
  epochs: Schema.Number,
  /** Share of the test images that it names rightly, in [0, 1]. */
  testAccuracy: Schema.Number,
  /** How many test images; records of earlier versions have none of what follows. */
  testImages: Schema.optionalKey(Schema.Int),
  /** Share of the commonest class among the test images: the accuracy of one who always names that. */
  commonestShare: Schema.optionalKey(Schema.Number)
})
export type ClassifierRecord = typeof ClassifierRecord.Type

/** Least skill of a classifier that measures can stand on. */
export const leastSkill = 0.5

/**
 * The skill of a classifier: the share of the errors of always naming the commonest class that it does not make,
 *
 *     (accuracy - commonest share) / (1 - commonest share)
 *
 * 1 without an error, 0 at chance, below it worse than that. Of one class alone there is none: 0.
 */
export const classifierSkill = (testAccuracy: number, commonestShare: number): number =>
  commonestShare < 1 ? (testAccuracy - commonestShare) / (1 - commonestShare) : 0

/**
 * A sentence of warning about a classifier that is not worth much, or `undefined`. It is warned of below a skill of 1/2: it is then
 * wrong more often than right about what guessing does not get, so that whatever its features tell apart, it is for the
 * most part not the classes. MNIST's has 0.99; one that learnt from 133 digits has 0.74, from 12 digits 0.38.
 */
export const classifierWarning = ({
  testAccuracy,
  testImages,
  commonestShare
}: ClassifierRecord): string | undefined => {
  if (commonestShare === undefined || classifierSkill(testAccuracy, commonestShare) >= leastSkill) return undefined
  const images = testImages === undefined ? "the test images" : `${testImages} test images`
  return `The classifier is poor: it names ${formatShare(testAccuracy)} of ${images} rightly, and always naming the commonest class would give ${formatShare(commonestShare)}. Measures of features and of classes rest on it and tell little.`
}
