import { formatShape } from "../tensor/Shape.ts"
import type { TensorData } from "../tensor/TensorData.ts"

/** How samples lie on the modes of a mixture. */
export interface ModeCoverage {
  /** Modes with at least one sample near them. */
  readonly modes: number
  /** The share of the samples that are near a mode. */
  readonly share: number
  /** Samples near each mode. */
  readonly counts: ReadonlyArray<number>
}

/**
 * Which modes of a mixture were found, and which samples lie on one: those within `radius` of the nearest centre, usually three
 * standard deviations (Srivastava 2017, VEEGAN, section 5). `points` is `[n, d]`; a point that is not finite is near none. In the
 * plane 1.1% of the mixture's own points lie farther away than three deviations.
 * Throws a `RangeError` for no points, or centres that are not of their dimension.
 */
export const modeCoverage = (
  { shape, values }: TensorData,
  centres: ReadonlyArray<ReadonlyArray<number>>,
  radius: number
): ModeCoverage => {
  const [count = 0, dimension = 0] = shape
  if (shape.length !== 2 || count === 0 || centres.some((centre) => centre.length !== dimension)) {
    const lengths = centres.map((centre) => centre.length).join(", ")
    throw new RangeError(`points ${formatShape(shape)} and centres of ${lengths} numbers are not of one space`)
  }
  const counts = centres.map(() => 0)
  for (let i = 0; i < count; i++) {
    const distances = centres.map((centre) => Math.hypot(...centre.map((c, j) => (values[i * dimension + j] ?? 0) - c)))
    const least = Math.min(...distances)
    if (least <= radius) counts[distances.indexOf(least)] = (counts[distances.indexOf(least)] ?? 0) + 1
  }
  const near = counts.reduce((total, n) => total + n, 0)
  return { modes: counts.filter((n) => n > 0).length, share: near / count, counts }
}
