/** How near pictures are to the training pictures, by the standard of test pictures. See `memorisation`. */
export interface NearnessComparison {
  /** Mean distance to the nearest training picture over that of test pictures; well below 1 means copies. */
  readonly ratio: number
  /** The probability that a picture is nearer than a test picture is, ties counting one half: 1/2 as it should be. */
  readonly nearerThanTest: number
}

/**
 * Compares distances to the nearest training picture, of generated pictures and of test pictures, each list in any
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
