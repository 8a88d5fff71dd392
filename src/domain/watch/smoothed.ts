/** What lies across a chart: updates, passes over the data, or seconds since the run's first record. */
export type CourseAxis = "update" | "epoch" | "time"

/** Where the points of a course lie across a chart. */
export const across = (
  course: {
    readonly updates: ReadonlyArray<number>
    readonly epochs: ReadonlyArray<number>
    readonly times: ReadonlyArray<number>
  },
  axis: CourseAxis
): ReadonlyArray<number> => {
  switch (axis) {
    case "update":
      return course.updates
    case "epoch":
      return course.epochs
    case "time": {
      const [first = 0] = course.times
      return course.times.map((time) => (time - first) / 1000)
    }
  }
}

/** The unit in which so many seconds are a number that is easily read. */
export const timeUnit = (seconds: number): { readonly name: string; readonly seconds: number } =>
  seconds < 300
    ? { name: "second", seconds: 1 }
    : seconds < 3 * 3600
      ? { name: "minute", seconds: 60 }
      : { name: "hour", seconds: 3600 }

/**
 * The moving average of values at places that need not be equally far from each other: `share` (from 0, as they are, to below
 * 1) says how much of the past stays over a distance of one in `steps` of the whole. A gap (`null`) stays one, and the average goes
 * on behind it. The beginning is not drawn towards zero: a weight that has not built up yet is divided out.
 */
export const smoothed = (
  places: ReadonlyArray<number>,
  values: ReadonlyArray<number | null>,
  share: number,
  steps = 200
): ReadonlyArray<number | null> => {
  if (share <= 0) return values
  const [first = 0, last = 0] = [places[0], places.at(-1)]
  const unit = (last - first) / steps
  let [sum, weight, before] = [0, 0, first]
  return values.map((value, i) => {
    const place = places[i] ?? before
    const keep = unit > 0 ? share ** Math.max((place - before) / unit, 0) : share
    if (value === null) return null
    // A point further from the last than any memory counts alone, however small the distance of the first two.
    const part = i === 0 || weight === 0 ? 1 : Math.max(1 - keep, 1e-9)
    sum = sum * keep + value * part
    weight = weight * keep + part
    before = place
    return sum / weight
  })
}

/**
 * The points of a line. Where nothing was measured it goes on to the next point; it has a gap (`null`) where what was measured was not
 * finite (`gaps`, by their places), and where a logarithmic axis cannot show it: that shows positive numbers alone.
 */
export const linePoints = (
  places: ReadonlyArray<number>,
  values: ReadonlyArray<number | null>,
  gaps: ReadonlyArray<number>,
  { logX, logY }: { readonly logX: boolean; readonly logY: boolean }
): Array<[number, number | null]> => {
  const broken = new Set(gaps)
  return places.flatMap((place, i): Array<[number, number | null]> => {
    const value = values[i] ?? null
    if ((logX && place <= 0) || (value === null && !broken.has(i))) return []
    return [[place, value !== null && logY && value <= 0 ? null : value]]
  })
}
