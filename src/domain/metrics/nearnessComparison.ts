/** How near images are to the training images, by the standard of test images. See `memorisation`. */
export interface NearnessComparison {
  /** Mean distance to the nearest training image over that of test images; well below 1 means copies. */
  readonly ratio: number
  /** The probability that an image is nearer than a test image is, ties counting one half: 1/2 as it should be. */
  readonly nearerThanTest: number
}

/**
 * Compares distances to the nearest training image, of generated images and of test images, each list in any
 * order. Both must hold a number, and the test's not be 0 throughout.
 */
export const compareNearness = (generated: Float64Array, test: Float64Array): NearnessComparison => ({
  ratio: average(generated) / average(test),
  nearerThanTest: probabilityLess(generated, test)
})

const average = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length

/** `P(a < b) + P(a = b) / 2` for one of each drawn at random (Mann and Whitney's U over the number of pairs). */
const probabilityLess = (a: Float64Array, b: Float64Array): number => {
  const sorted = b.toSorted()
  let below = 0
  let notAbove = 0
  let total = 0
  for (const value of a.toSorted()) {
    while (below < sorted.length && (sorted[below] ?? 0) < value) below++
    while (notAbove < sorted.length && (sorted[notAbove] ?? 0) <= value) notAbove++
    total += sorted.length - (below + notAbove) / 2
  }
  return total / (a.length * b.length)
}
