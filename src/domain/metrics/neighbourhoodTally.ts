/**
 * How two sets of samples lie within each other's neighbourhoods. The neighbourhood of a sample is the closed ball that
 * reaches to its k-th nearest neighbour in its own set. Precision, recall, density and coverage follow from these
 * counts.
 */
export interface Neighbourhoods {
  /** The k of "k-th nearest". */
  readonly k: number
  /** `[generated]`: in how many real samples' neighbourhoods each generated sample lies. */
  readonly generatedInReal: Uint32Array
  /** `[real]`: in how many generated samples' neighbourhoods each real sample lies. */
  readonly realInGenerated: Uint32Array
  /** `[real]`: how many generated samples lie in each real sample's neighbourhood. */
  readonly generatedAround: Uint32Array
}

/**
 * The k-th smallest of some numbers, the one at index `except` left out (negative: none is): the squared radius of a
 * sample's neighbourhood from its squared distances to its own set. Throws a `RangeError` if there are fewer than k.
 */
export const kthSmallest = (values: ArrayLike<number>, k: number, except: number): number => {
  const smallest = new Float64Array(k).fill(Number.POSITIVE_INFINITY)
  const others = values.length - (except >= 0 && except < values.length ? 1 : 0)
  if (k < 1 || others < k) throw new RangeError(`Of ${others} numbers none is the ${k}. smallest`)
  for (let i = 0; i < values.length; i++) if (i !== except) keepSmallest(smallest, 0, k, values[i] ?? 0)
  return smallest[k - 1] ?? 0
}

/** Puts a number among the k smallest so far, which stand in ascending order from place `from` on, if it is one. In place. */
export const keepSmallest = (smallest: Float64Array, from: number, k: number, value: number): void => {
  let at = from + k - 1
  if (value >= (smallest[at] ?? 0)) return
  while (at > from && (smallest[at - 1] ?? 0) > value) {
    smallest[at] = smallest[at - 1] ?? 0
    at--
  }
  smallest[at] = value
}

/**
 * Counts `Neighbourhoods` from squared distances, wherever they were computed and in whatever order: `add(j, distances)`
 * for each generated sample j, with its squared distance to every real one, or to those from an index on. The radii are squared, too.
 */
export interface NeighbourhoodTally {
  readonly add: (generated: number, distances: ArrayLike<number>, fromReal?: number) => void
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
    add: (generated, distances, fromReal = 0) => {
      const own = generatedRadii[generated] ?? 0
      let around = 0
      for (let n = 0, i = fromReal; n < distances.length; n++, i++) {
        const distance = distances[n] ?? 0
        if (distance <= (realRadii[i] ?? 0)) {
          around++
          generatedAround[i] = (generatedAround[i] ?? 0) + 1
        }
        if (distance <= own) realInGenerated[i] = (realInGenerated[i] ?? 0) + 1
      }
      generatedInReal[generated] = (generatedInReal[generated] ?? 0) + around
    }
  }
}
