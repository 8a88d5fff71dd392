import type { CustomSeriesOption } from "echarts/charts"

/** A point of a line; `null` is a gap. */
export type LinePoint = readonly [place: number, value: number | null]

/** One line of a chart. */
export interface DrawnLine {
  readonly name: string
  readonly color: string
  readonly dash: "solid" | "dashed" | "dotted"
  /** By ascending place. */
  readonly points: ReadonlyArray<LinePoint>
  /** The same before it was smoothed, drawn faintly behind it; none if it was not. */
  readonly raw: ReadonlyArray<LinePoint> | undefined
  /** Where the run warned of something. */
  readonly marks: ReadonlyArray<number>
}

type Coordinates = Array<[number, number]>

interface LineLook {
  readonly fill: string
  readonly stroke: string
  readonly lineWidth: number
  readonly lineDash: DrawnLine["dash"]
  readonly opacity?: number
}

/**
 * All lines of a chart as one series whose items are lines, each with the ends of what it covers as its data, by which the axes are laid
 * out. The library takes as long for one series more as for hundreds of points more: so two hundred lines are as quick as two.
 */
export const linesSeries = (lines: ReadonlyArray<DrawnLine>): CustomSeriesOption => {
  const drawn = lines.flatMap((line) => {
    const extent = extentOf([...line.points, ...(line.raw ?? [])])
    return extent === undefined ? [] : [{ line, extent }]
  })
  return {
    type: "custom",
    animation: false,
    silent: true,
    clip: true,
    encode: { x: [0, 1], y: [2, 3] },
    data: drawn.map(({ extent }) => [...extent]),
    renderItem: ({ dataIndex }, { coord }) => {
      const found = drawn[dataIndex]
      if (found === undefined) return undefined
      const { line, extent } = found
      const at = ([x, y]: readonly [number, number]): [number, number] => {
        const [left = 0, top = 0] = coord([x, y])
        return [left, top]
      }
      const look: LineLook = { fill: "none", stroke: line.color, lineWidth: 1.6, lineDash: line.dash }
      const part = (points: ReadonlyArray<LinePoint>, style: LineLook) =>
        partsOf(points).map((whole) => shapeOf(whole.map(at), style))
      const [first, , low, high] = extent
      const mark = (place: number) => {
        const [[x, bottom], [, top]] = [at([place, low]), at([first, high])]
        const points: Coordinates = [
          [x, bottom],
          [x, Math.min(top, bottom - 20)]
        ]
        return shapeOf(points, { ...look, lineWidth: 1, lineDash: "dotted" })
      }
      return {
        type: "group",
        children: [
          ...part(line.raw ?? [], { ...look, opacity: 0.25 }),
          ...part(line.points, look),
          ...line.marks.map(mark)
        ]
      }
    }
  }
}

/** A line through points, or a dot where there is only one. */
const shapeOf = (points: Coordinates, style: LineLook) => {
  const [only] = points
  return points.length === 1 && only !== undefined
    ? { type: "circle" as const, shape: { cx: only[0], cy: only[1], r: 2.5 }, style: { ...style, fill: style.stroke } }
    : { type: "polyline" as const, shape: { points }, style }
}

/** The pieces of a line between its gaps. */
const partsOf = (points: ReadonlyArray<LinePoint>): ReadonlyArray<ReadonlyArray<readonly [number, number]>> => {
  const parts: Array<Array<readonly [number, number]>> = []
  let open: Array<readonly [number, number]> | undefined
  for (const [place, value] of points) {
    if (value === null) {
      open = undefined
      continue
    }
    if (open === undefined) {
      open = []
      parts.push(open)
    }
    open.push([place, value])
  }
  return parts
}

/** The first and the last place, the least and the greatest value of points; nothing if there are none. */
const extentOf = (points: ReadonlyArray<LinePoint>): readonly [number, number, number, number] | undefined => {
  let [first, last, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [place, value] of points) {
    if (value === null) continue
    first = Math.min(first, place)
    last = Math.max(last, place)
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return first === Infinity ? undefined : [first, last, low, high]
}
