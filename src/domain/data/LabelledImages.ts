import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ImageSet } from "./Images.ts"

/** Images of which each is of one of `classes` classes. Made by `labelledImages`, which checks that they are. */
export interface LabelledImages extends ImageSet {
  readonly labels: Uint8Array
  /** How many classes there may be: every label is below it. */
  readonly classes: number
}

/** Images from which, or on which, no classes can be learnt. */
export class LabelsError extends Schema.TaggedError<LabelsError>()("LabelsError", {
  /** Which images: `the training images of mnist`. */
  images: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.images}: ${this.problem}`
  }
}

/**
 * The same set with the number of its classes: one more than its greatest label, or the number given.
 * Fails with a `LabelsError`, in which `images` names the set, if it is empty, has no labels, or one outside of the
 * classes given.
 */
export const labelledImages = (
  set: ImageSet,
  images: string,
  classes?: number
): Result.Result<LabelledImages, LabelsError> => {
  const { count, labels } = set
  const fail = (problem: string) => Result.fail(new LabelsError({ images, problem }))
  if (count === 0) return fail("there are none; at least one image with a label is needed")
  if (labels === undefined) {
    return fail("they have no labels, and a classifier learns from labels; use a data set that has them, such as MNIST")
  }
  const greatest = labels.reduce((most, label) => Math.max(most, label), 0)
  if (classes !== undefined && greatest >= classes) {
    return fail(
      `image ${labels.indexOf(greatest)} has the label ${greatest}, but there are ${classes} classes (from 0)`
    )
  }
  return Result.succeed({ ...set, labels, classes: classes ?? greatest + 1 })
}
