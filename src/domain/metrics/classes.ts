import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { probabilitiesFault } from "./invalidSamples.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"

/** Which classes images show, as a classifier sees them. */
export interface ClassMeasures {
  /** `[classes]`: the share of images whose most probable class it is. */
  readonly frequencies: Float64Array
  /** Entropy of the frequencies in nats: 0 (one class only) to `ln classes` (all alike), 2.303 for ten. */
  readonly entropy: number
  /** Total variation between these frequencies and the data's, in [0, 1]; less is better. */
  readonly distance: number
  /** Mean probability of the most probable class, in (0, 1]: near 1 for images that are clearly of one class. */
  readonly confidence: MeanAndError
  /** Share of images whose most probable class has a probability over 0.9, in [0, 1]: those that are read at a glance. */
  readonly legible: number
  /** How many classes that the data have are shown by no image. */
  readonly missing: number
}

/**
 * The measures of class probabilities `[n, classes]` against the class frequencies of the data `[classes]`. Sampling
 * noise alone gives a distance of about `sqrt(classes / (2 pi n))`: 0.013 for 10 classes and n = 10,000. Fails with a
 * `MeasureError` if there are no samples, they are not probabilities, or the frequencies are of another number of
 * classes.
 */
export const classMeasures = (
  probabilities: TensorData,
  dataFrequencies: Float64Array
): Result.Result<ClassMeasures, MeasureError> => {
  const measure = "classes"
  const fault = probabilitiesFault(measure, probabilities, 1)
  if (fault !== undefined) return Result.fail(fault)
  const [, classes = 0] = probabilities.shape
  if (dataFrequencies.length !== classes) {
    const problem = `expected the frequencies of ${classes} classes, found ${dataFrequencies.length}`
    return Result.fail(new MeasureError({ measure, input: "data frequencies", problem }))
  }
  const shown = mostProbable(probabilities)
  const frequencies = classFrequencies(shown, classes)
  const likeliest = Float64Array.from(shown, (c, n) => probabilities.values[n * classes + c] ?? 0)
  return Result.succeed({
    frequencies,
    entropy: entropy(frequencies),
    distance: totalVariation(frequencies, dataFrequencies),
    confidence: meanAndError(likeliest),
    legible: likeliest.filter((p) => p > 0.9).length / likeliest.length,
    missing: frequencies.filter((share, c) => share === 0 && (dataFrequencies[c] ?? 0) > 0).length
  })
}

/** Whether images show the classes that were asked for, as a classifier sees them. */
export interface LabelMeasures {
  /** The probability of the class that was asked for, in [0, 1]: near 1 where it is clearly the one that is shown. */
  readonly confidence: MeanAndError
  /** The share of images whose most probable class is the one that was asked for. */
  readonly accuracy: number
}

/**
 * The measures of class probabilities `[n, classes]` against the classes that were asked for, `[n]`, each `0 .. classes - 1`. Fails
 * with a `MeasureError` if there are no samples, they are not probabilities, there are more or fewer labels, or one is no class.
 */
export const labelMeasures = (
  probabilities: TensorData,
  labels: ArrayLike<number>
): Result.Result<LabelMeasures, MeasureError> => {
  const measure = "labels"
  const fault = probabilitiesFault(measure, probabilities, 1)
  if (fault !== undefined) return Result.fail(fault)
  const [count = 0, classes = 0] = probabilities.shape
  const failed = (problem: string) => Result.fail(new MeasureError({ measure, input: "labels", problem }))
  if (labels.length !== count) return failed(`expected one for each of ${count} samples, found ${labels.length}`)
  const asked = Array.from(labels)
  const outside = asked.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes))
  if (outside >= 0) return failed(`label ${outside} is ${asked[outside]}, but there are ${classes} classes from 0`)
  const shown = mostProbable(probabilities)
  return Result.succeed({
    confidence: meanAndError(asked.map((label, n) => probabilities.values[n * classes + label] ?? 0)),
    accuracy: asked.filter((label, n) => label === shown[n]).length / count
  })
}

/** `[n]`: the most probable class of each sample of `[n, classes]`; the first among equals. */
export const mostProbable = ({ shape, values }: TensorData): Uint32Array => {
  const [count = 0, classes = 0] = shape
  return Uint32Array.from({ length: count }, (_, n) => {
    let best = 0
    for (let c = 1; c < classes; c++) {
      if ((values[n * classes + c] ?? 0) > (values[n * classes + best] ?? 0)) best = c
    }
    return best
  })
}

/**
 * `[classes]`: the share of each class `0 .. classes - 1` among labels. Throws a `RangeError` if there are no labels or
 * one is not a class.
 */
export const classFrequencies = (labels: ArrayLike<number>, classes: number): Float64Array => {
  if (labels.length === 0) throw new RangeError("No labels have no frequencies")
  const counts = new Float64Array(classes)
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n] ?? 0
    const count = counts[label]
    if (count === undefined) throw new RangeError(`Label ${n} is ${label}, but there are ${classes} classes from 0`)
    counts[label] = count + 1
  }
  return counts.map((count) => count / labels.length)
}

/** Shannon's entropy `-sum p ln p` in nats of probabilities, `0 ln 0` being 0: in `[0, ln length]`. */
export const entropy = (probabilities: Float64Array): number =>
  probabilities.reduce((total, p) => (p > 0 ? total - p * Math.log(p) : total), 0)

/**
 * The total variation `1/2 sum |p - q|` of two distributions: a metric in [0, 1]. Throws a `RangeError` if their
 * lengths differ.
 */
export const totalVariation = (p: Float64Array, q: Float64Array): number => {
  if (p.length !== q.length)
    throw new RangeError(`Distributions over ${p.length} and ${q.length} classes have no distance`)
  return p.reduce((total, share, c) => total + Math.abs(share - (q[c] ?? 0)), 0) / 2
}
