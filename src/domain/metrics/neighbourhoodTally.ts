import type { Neighbourhoods } from "./neighbourhoods.ts"

/**
 * The k-th smallest of some numbers, the one at index `except` left out (negative: none is): the squared radius of a
 * sample's neighbourhood from its squared distances to its own set. Throws a `RangeError` if there are fewer than k.
 */
export const kthSmallest = (values: ArrayLike<number>, k: number, except: number): number => {
  const smallest = new Float64Array(k).fill(Number.POSITIVE_INFINITY)
  const others = values.length - (except >= 0 && except < values.length ? 1 : 0)
  if (k < 1 || others < k) throw new RangeError(`Of ${others} numbers none is the ${k}. smallest`)
  for (let i = 0, bound = Number.POSITIVE_INFINITY; i < values.length; i++) {
    const value = values[i] ?? 0
    if (value >= bound || i === except) continue
    let at = k - 1
    while (at > 0 && (smallest[at - 1] ?? 0) > value) {
      smallest[at] = smallest[at - 1] ?? 0
      at--
    }
    smallest[at] = value
    bound = smallest[k - 1] ?? 0
  }
  return smallest[k - 1] ?? 0
}

/**
 * Counts `Neighbourhoods` from squared distances that come row by row, wherever they were computed: `add(j, distances)`
 * for each generated sample j, with its squared distance to every real one. The radii are squared, too.
 */
export interface NeighbourhoodTally {
  readonly add: (generated: number, distances: ArrayLike<number>) => void
  readonly counted: Neighbourhoods
}

/** A tally of nothing so far. The counts grow in place. */
export const neighbourhoodTally = (
  realRadii: Float64Array,
  generatedRadii: Float64Array,
  k: number
): NeighbourhoodTally => {
  const generatedInReal = new Uint32Array(generatedRadii.length)
  const realInGenerated = new Uint32Array(realRadii.length)
  const generatedAround = new Uint32Array(realRadii.length)
  return {
    counted: { k, generatedInReal, realInGenerated, generatedAround },
    add: (generated, distances) => {
      const own = generatedRadii[generated] ?? 0
      let around = 0
      for (let i = 0; i < realRadii.length; i++) {
        const distance = distances[i] ?? 0
        if (distance <= (realRadii[i] ?? 0)) {
          around++
          generatedAround[i] = (generatedAround[i] ?? 0) + 1
        }
        if (distance <= own) realInGenerated[i] = (realInGenerated[i] ?? 0) + 1
      }
      generatedInReal[generated] = around
    }
  }
}
