import type { Rows } from "./Rows.ts"

/** A block of pairs of rows: rows `aFrom .. aFrom + aCount - 1` of one matrix with rows `bFrom ..` of another. */
export interface PairBlock {
  readonly aFrom: number
  readonly aCount: number
  readonly bFrom: number
  readonly bCount: number
}

/** Takes a block's numbers, `[aCount, bCount]` row-major; the array is used again for the next block. */
export type VisitBlock = (values: Float64Array, block: PairBlock) => void

/** Rows on each side of a block: 64 of 64 numbers fit a first-level cache, and of 784 a second-level one. */
const BLOCK_ROWS = 64

/**
 * Visits the inner products of all rows of `a` with all rows of `b`, block by block. With `upper`, for `a` with itself:
 * only the blocks that hold a pair `i <= j`. Products add their terms from left to right, so that equal rows have equal
 * products. Time `a.count * b.count * width` (about 1 ns a term on one core), memory one block. Throws a `RangeError`
 * if the rows have different widths.
 */
export const visitProducts = (a: Rows, b: Rows, visit: VisitBlock, { upper = false } = {}): void => {
  if (a.width !== b.width) throw new RangeError(`Rows of ${a.width} and of ${b.width} numbers have no products`)
  const products = new Float64Array(BLOCK_ROWS * BLOCK_ROWS)
  for (let aFrom = 0; aFrom < a.count; aFrom += BLOCK_ROWS) {
    const aCount = Math.min(BLOCK_ROWS, a.count - aFrom)
    for (let bFrom = upper ? aFrom : 0; bFrom < b.count; bFrom += BLOCK_ROWS) {
      const block = { aFrom, aCount, bFrom, bCount: Math.min(BLOCK_ROWS, b.count - bFrom) }
      fillProducts(products, a.values, b.values, a.width, block)
      visit(products, block)
    }
  }
}

/** Two rows times four at once: eight sums stay in registers, and each number read serves two or four of them. */
const fillProducts = (
  products: Float64Array,
  a: Float64Array,
  b: Float64Array,
  width: number,
  { aFrom, aCount, bFrom, bCount }: PairBlock
): void => {
  for (let i = 0; i < aCount; i += 2) {
    const both = i + 1 < aCount
    const p0 = (aFrom + i) * width
    // An odd last row is its own partner; what is computed twice is written once.
    const p1 = both ? p0 + width : p0
    for (let j = 0; j < bCount; j += 4) {
      const q0 = (bFrom + j) * width
      const q1 = j + 1 < bCount ? q0 + width : q0
      const q2 = j + 2 < bCount ? q1 + width : q0
      const q3 = j + 3 < bCount ? q2 + width : q0
      let s00 = 0
      let s01 = 0
      let s02 = 0
      let s03 = 0
      let s10 = 0
      let s11 = 0
      let s12 = 0
      let s13 = 0
      for (let k = 0; k < width; k++) {
        const x0 = a[p0 + k] ?? 0
        const x1 = a[p1 + k] ?? 0
        const y0 = b[q0 + k] ?? 0
        const y1 = b[q1 + k] ?? 0
        const y2 = b[q2 + k] ?? 0
        const y3 = b[q3 + k] ?? 0
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
      }
      const at = i * bCount + j
      write4(products, at, bCount - j, s00, s01, s02, s03)
      if (both) write4(products, at + bCount, bCount - j, s10, s11, s12, s13)
    }
  }
}

const write4 = (to: Float64Array, at: number, room: number, v0: number, v1: number, v2: number, v3: number): void => {
  to[at] = v0
  if (room > 1) to[at + 1] = v1
  if (room > 2) to[at + 2] = v2
  if (room > 3) to[at + 3] = v3
}
