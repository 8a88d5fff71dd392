import { formatShape } from "../tensor/Shape.ts"
import { requireFilled, type TensorData } from "../tensor/TensorData.ts"

/** Sizes in pixels. */
const size = 480
const margin = 24
const radius = 2

/** From the first set of points, in the background, to the later ones on it. */
const colours = ["#BBBBBB", "#0072B2", "#D55E00", "#009E73"]

/**
 * Sets of points in the plane, `[n, 2]` each, as an SVG document with both axes to one scale, which all points fit; the first set is
 * grey, later ones lie on it in colours. Points that are not finite are left out. Throws a `RangeError` for a tensor of another
 * shape, and where no point is finite.
 */
export const scatterPlot = (sets: ReadonlyArray<TensorData>): string => {
  const clouds = sets.map(pointsOf)
  const all = clouds.flat()
  if (all.length === 0) throw new RangeError("a scatter plot needs at least one point that is finite")
  const ends = ([0, 1] as const).map((axis) => {
    const [least, greatest] = all.reduce(
      ([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    )
    return { middle: least / 2 + greatest / 2, extent: greatest - least }
  })
  const extent = Math.max(...ends.map((end) => end.extent)) || 1
  const scale = (size - 2 * margin) / extent
  const place = (value: number, axis: 0 | 1): string => {
    const offset = (value - (ends[axis]?.middle ?? 0)) * scale
    return (size / 2 + (axis === 0 ? offset : -offset)).toFixed(1)
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">`,
    '<rect width="100%" height="100%" fill="#FFFFFF"/>',
    ...clouds.flatMap((points, i) => [
      `<g fill="${colours[i % colours.length]}">`,
      ...points.map(([x, y]) => `<circle cx="${place(x, 0)}" cy="${place(y, 1)}" r="${radius}"/>`),
      "</g>"
    ]),
    "</svg>"
  ].join("\n")
}

const pointsOf = (points: TensorData): ReadonlyArray<readonly [x: number, y: number]> => {
  const { shape, values } = points
  const [count = 0, dimension] = shape
  if (shape.length !== 2 || dimension !== 2) {
    throw new RangeError(`points of the plane are [n, 2], not ${formatShape(shape)}`)
  }
  requireFilled(points)
  return Array.from({ length: count }, (_, i) => [values[2 * i] ?? 0, values[2 * i + 1] ?? 0] as const).filter(
    (point) => point.every(Number.isFinite)
  )
}
