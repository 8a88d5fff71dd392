import { formatShape, sizeOf } from "../tensor/Shape.ts"
import type { NamedTensors, TensorData } from "../tensor/TensorData.ts"
import { MeasureError } from "./MeasureError.ts"

/** What a measure asks of its samples. */
export interface SampleNeeds {
  /** The measure's name, for messages. */
  readonly measure: string
  /**
   * Names of the axes, samples first, such as `["n", "d"]`; "any" for whatever has samples on the first of its axes.
   */
  readonly axes: ReadonlyArray<string> | "any"
  /** The fewest samples it can be taken of. */
  readonly atLeast: number
}

/** The axes of features, `[n, d]`. */
export const featureAxes = ["n", "d"] as const

/** The axes of images, `[n, channels, B, A]`. */
export const imageAxes = ["n", "channels", "B", "A"] as const

/** The axes of class probabilities, `[n, classes]`. */
export const probabilityAxes = ["n", "classes"] as const

/**
 * The first thing wrong with a measure's inputs, given by name, or `undefined`: the number of axes, numbers that do not fill the shape, too few samples
 * (and how many are missing), samples of another shape than the first input's, or a number that is not finite or beyond 1e140, since
 * float64 has no squares of such.
 */
export const invalidSamples = (needs: SampleNeeds, inputs: NamedTensors): MeasureError | undefined => {
  const [[firstName, first] = ["", undefined]] = Object.entries(inputs)
  for (const [input, samples] of Object.entries(inputs)) {
    const problem =
      shapeProblem(needs, samples) ?? (first === undefined ? undefined : unlikeProblem(samples, firstName, first))
    const fault = problem ?? numberProblem(samples)
    if (fault !== undefined) return new MeasureError({ measure: needs.measure, input, problem: fault })
  }
  return undefined
}

const shapeProblem = ({ axes, atLeast }: SampleNeeds, { shape, values }: TensorData): string | undefined => {
  const fits = axes === "any" ? shape.length >= 2 : shape.length === axes.length
  if (!fits) {
    const expected = axes === "any" ? "samples along the first of at least two axes" : `a tensor [${axes.join(", ")}]`
    return `expected ${expected}, found one of shape ${formatShape(shape)}`
  }
  // Not every caller makes its tensors by `tensorData`: what is missing would count as 0.
  if (values.length !== sizeOf(shape))
    return `holds ${values.length} numbers, its shape ${formatShape(shape)} takes ${sizeOf(shape)}`
  const [count = 0] = shape
  if (count < atLeast) return `needs at least ${atLeast} samples, ${count} were given: ${atLeast - count} are missing`
  if (shape.includes(0)) return `its samples are empty: ${formatShape(shape)}`
  return undefined
}

const unlikeProblem = ({ shape }: TensorData, firstName: string, first: TensorData): string | undefined => {
  const [own, others] = [formatShape(shape.slice(1)), formatShape(first.shape.slice(1))]
  return own === others ? undefined : `its samples are ${own}, those of "${firstName}" ${others}; they must be alike`
}

const largestNumber = 1e140

const numberProblem = ({ shape, values }: TensorData): string | undefined => {
  const size = shape.slice(1).reduce((product, axis) => product * axis, 1)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    if (!Number.isFinite(value)) return `sample ${Math.floor(i / size)} holds ${value}; all must be finite`
    if (Math.abs(value) > largestNumber) {
      return `sample ${Math.floor(i / size)} holds ${value}; numbers beyond ${largestNumber} have no squares: scale them down`
    }
  }
  return undefined
}

/** How far the sum of a sample's class probabilities may be from 1: a float32 softmax stays well below. */
const SUM_TOLERANCE = 1e-3

/**
 * The first thing wrong with class probabilities `[n, classes]`, or `undefined`: as `invalidSamples`, and every sample's
 * must be non-negative and sum to 1 (within 0.001).
 */
export const probabilitiesFault = (
  measure: string,
  probabilities: TensorData,
  atLeast: number
): MeasureError | undefined => {
  const input = "probabilities"
  const fault = invalidSamples({ measure, axes: probabilityAxes, atLeast }, { [input]: probabilities })
  if (fault !== undefined) return fault
  const [count = 0, classes = 0] = probabilities.shape
  for (let n = 0; n < count; n++) {
    const row = probabilities.values.subarray(n * classes, (n + 1) * classes)
    let total = 0
    for (const p of row) total += p
    if (Math.abs(total - 1) > SUM_TOLERANCE || row.some((p) => p < 0)) {
      const problem = `those of sample ${n} must be non-negative and sum to 1, found [${row.join(", ")}]`
      return new MeasureError({ measure, input, problem })
    }
  }
  return undefined
}
