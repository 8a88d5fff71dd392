import { keepSmallest } from "./neighbourhoodTally.ts"
import { lessRow, type Rows, roundCentre } from "./Rows.ts"
import { type VisitBlock, visitProducts } from "./rowProducts.ts"

/** Below this share of the squared norms, a distance is added up from its differences: the quick way has lost its digits. */
const exactBelow = 1e-4

/**
 * Visits the squared Euclidean distances of all rows of `a` to all rows of `b`, as `visitProducts` does, wherever the rows lie: as
 * `|x|^2 - 2 x.y + |y|^2` about a `centre` (of the rows, if left out), and where little of that remains as the sum of squared
 * differences. The relative error is about 1e-11; equal rows have distance 0 exactly, and equal pairs of rows equal distances about
 * the same centre. Squares of the numbers must not leave float64 (`inCommonUnit`).
 */
export const visitSquaredDistances = (
  a: Rows,
  b: Rows,
  visit: VisitBlock,
  { centre = roundCentre(a, b), ...options }: { readonly upper?: boolean; readonly centre?: Float64Array } = {}
) => {
  const y = lessRow(b, centre)
  const x = a === b ? y : lessRow(a, centre)
  const [aNorms, bNorms] = [squaredNorms(x), squaredNorms(y)]
  visitProducts(
    x,
    y,
    (values, block) => {
      const { aFrom, aCount, bFrom, bCount } = block
      for (let i = 0, at = 0; i < aCount; i++) {
        const norm = aNorms[aFrom + i] ?? 0
        for (let j = 0; j < bCount; j++, at++) {
          const norms = norm + (bNorms[bFrom + j] ?? 0)
          const squared = norms - 2 * (values[at] ?? 0)
          values[at] = squared > exactBelow * norms ? squared : squaredDistance(a, aFrom + i, b, bFrom + j)
        }
      }
      visit(values, block)
    },
    options
  )
}

/** The squared Euclidean distance of row `i` of `a` and row `j` of `b`, which are equally wide, from their differences. */
export const squaredDistance = (a: Rows, i: number, b: Rows, j: number): number => {
  let total = 0
  for (let k = 0, p = i * a.width, q = j * b.width; k < a.width; k++, p++, q++) {
    const difference = (a.values[p] ?? 0) - (b.values[q] ?? 0)
    total += difference * difference
  }
  return total
}

/** `[count]`. */
export const squaredNorms = ({ count, width, values }: Rows): Float64Array => {
  const norms = new Float64Array(count)
  for (let n = 0, at = 0; n < count; n++) {
    let total = 0
    for (let k = 0; k < width; k++, at++) total += (values[at] ?? 0) * (values[at] ?? 0)
    norms[n] = total
  }
  return norms
}

/**
 * The squared distance of each row to its k-th nearest neighbour among the others of the same set (a copy of the row
 * counts as another): `[count]`. Brute force over half the pairs: `count^2 width / 2` products, 3 to 4 s for 10,000 x
 * 64. Throws a `RangeError` unless `1 <= k < count`.
 */
export const neighbourDistances = (rows: Rows, k: number, centre = roundCentre(rows)): Float64Array => {
  if (!Number.isInteger(k) || k < 1 || k >= rows.count) {
    throw new RangeError(`${rows.count} points have no neighbour number ${k} each`)
  }
  // The k smallest distances of each row so far, ascending.
  const smallest = new Float64Array(rows.count * k).fill(Number.POSITIVE_INFINITY)
  visitSquaredDistances(
    rows,
    rows,
    (distances, { aFrom, aCount, bFrom, bCount }) => {
      for (let i = 0, at = 0; i < aCount; i++) {
        for (let j = 0; j < bCount; j++, at++) {
          if (aFrom + i >= bFrom + j) continue
          const distance = distances[at] ?? 0
          keepSmallest(smallest, (aFrom + i) * k, k, distance)
          keepSmallest(smallest, (bFrom + j) * k, k, distance)
        }
      }
    },
    { upper: true, centre }
  )
  return Float64Array.from({ length: rows.count }, (_, row) => smallest[row * k + k - 1] ?? 0)
}

/** For each point, which reference is nearest and how far it is. */
export interface Nearest {
  /** `[points]`: indices of the references; of equally near ones the first. */
  readonly indices: Uint32Array
  /** `[points]`: Euclidean distances. */
  readonly distances: Float64Array
}

/**
 * The reference nearest to each point. Brute force: `points * references * width` products, about 1 ns each.
 * Throws a `RangeError` if there are no references or the widths differ.
 */
export const nearestReferences = (points: Rows, references: Rows): Nearest => {
  if (references.count === 0) throw new RangeError("Nothing is nearest among no references")
  const indices = new Uint32Array(points.count)
  const squared = new Float64Array(points.count).fill(Number.POSITIVE_INFINITY)
  visitSquaredDistances(points, references, (distances, { aFrom, aCount, bFrom, bCount }) => {
    for (let i = 0, at = 0; i < aCount; i++) {
      for (let j = 0; j < bCount; j++, at++) {
        const distance = distances[at] ?? 0
        if (distance < (squared[aFrom + i] ?? 0)) {
          squared[aFrom + i] = distance
          indices[aFrom + i] = bFrom + j
        }
      }
    }
  })
  return { indices, distances: squared.map(Math.sqrt) }
}
