/** What a run measured over its updates, of a bounded number of points: columns of one length. */
export interface Course {
  /** The last update of each point. */
  readonly updates: ReadonlyArray<number>
  readonly epochs: ReadonlyArray<number>
  /** When the point's last record was made, in milliseconds since 1970. */
  readonly times: ReadonlyArray<number>
  /** By the metric's name; `null` where it was not measured, or was not finite. */
  readonly metrics: Readonly<Record<string, CourseColumn>>
}

/** One metric: of the records that a point stands for the mean, the least and the greatest finite value. */
export interface CourseColumn {
  readonly mean: ReadonlyArray<number | null>
  readonly low: ReadonlyArray<number | null>
  readonly high: ReadonlyArray<number | null>
  /** The points where it was measured and was never finite, by their places in the columns. */
  readonly gaps: ReadonlyArray<number>
}

/** One record of a run's progress. */
export interface Measured {
  readonly update: number
  readonly epoch: number
  /** In milliseconds since 1970. */
  readonly time: number
  readonly metrics: Readonly<Record<string, number>>
}

/** Collects a run's course while it goes on. */
export interface CourseBuilder {
  /** Takes a further record. One of an update that was told already, or passed, takes the place of what was told from there on. */
  readonly add: (measured: Measured) => void
  /** Forgets what was measured after this many updates: the run went on from there again. */
  readonly forgetAfter: (update: number) => void
  /** The course so far, of at most `most` points. */
  readonly course: (most: number) => Course
}

interface Tally {
  sum: number
  count: number
  low: number
  high: number
}

interface Point {
  last: number
  epoch: number
  time: number
  readonly tallies: Map<string, Tally>
}

/**
 * A builder that holds at most `most` points, however many records come: where they become too many, neighbours are
 * joined by twos. A spike stays visible as the greatest value of its point. The memory is that of the points; metrics
 * beyond the first `mostMetrics` are left out.
 */
export const courseBuilder = (most: number, mostMetrics = 64): CourseBuilder => {
  let points: Array<Point> = []
  /** Records that a point takes before the next one is begun. */
  let stride = 1
  let inLast = 0
  const names = new Set<string>()

  const known = (name: string): boolean => {
    if (names.has(name)) return true
    if (names.size >= mostMetrics) return false
    names.add(name)
    return true
  }

  const forgetAfter = (update: number): void => {
    const from = points.findIndex(({ last }) => last > update)
    if (from === -1) return
    points = points.slice(0, from)
    inLast = stride
  }

  const add = ({ update, epoch, time, metrics }: Measured): void => {
    const before = points.at(-1)
    if (before !== undefined && update < before.last) forgetAfter(update)
    let point = points.at(-1)
    // Of the same update something else was measured, or the same anew.
    const isSame = point?.last === update
    if (point === undefined || (inLast >= stride && !isSame)) {
      if (points.length >= most) {
        points = joined(points)
        stride *= 2
      }
      point = { last: update, epoch, time, tallies: new Map() }
      points.push(point)
      inLast = 0
    }
    if (!isSame) inLast++
    point.last = update
    point.epoch = epoch
    point.time = time
    for (const [name, value] of Object.entries(metrics)) {
      if (!known(name)) continue
      const one = Number.isFinite(value) ? { sum: value, count: 1, low: value, high: value } : nothingFinite()
      const tally = point.tallies.get(name)
      if (tally === undefined || (isSame && stride === 1)) point.tallies.set(name, one)
      else into(tally, one)
    }
  }

  const course = (wanted: number): Course => {
    let shown = points
    while (shown.length > Math.max(wanted, 2)) shown = joined(shown)
    const column = (name: string): CourseColumn => {
      const tallies = shown.map((point) => point.tallies.get(name))
      return {
        mean: tallies.map((tally) => (hasValue(tally) ? tally.sum / tally.count : null)),
        low: tallies.map((tally) => (hasValue(tally) ? tally.low : null)),
        high: tallies.map((tally) => (hasValue(tally) ? tally.high : null)),
        gaps: tallies.flatMap((tally, i) => (tally !== undefined && tally.count === 0 ? [i] : []))
      }
    }
    return {
      updates: shown.map(({ last }) => last),
      epochs: shown.map(({ epoch }) => epoch),
      times: shown.map(({ time }) => time),
      metrics: Object.fromEntries([...names].map((name) => [name, column(name)]))
    }
  }
  return { add, forgetAfter, course }
}

/** Of a metric that was measured without a finite value. */
const nothingFinite = (): Tally => ({
  sum: 0,
  count: 0,
  low: Number.POSITIVE_INFINITY,
  high: Number.NEGATIVE_INFINITY
})

const hasValue = (tally: Tally | undefined): tally is Tally => tally !== undefined && tally.count > 0

const into = (tally: Tally, other: Tally): void => {
  tally.sum += other.sum
  tally.count += other.count
  tally.low = Math.min(tally.low, other.low)
  tally.high = Math.max(tally.high, other.high)
}

/** Points by twos as one; a last one without a neighbour stays. */
const joined = (points: ReadonlyArray<Point>): Array<Point> => {
  const half: Array<Point> = []
  for (let i = 0; i < points.length; i += 2) {
    const [left, right] = [points[i], points[i + 1]]
    if (left === undefined) continue
    const tallies = new Map([...left.tallies].map(([name, tally]) => [name, { ...tally }]))
    for (const [name, tally] of right?.tallies ?? []) {
      const before = tallies.get(name)
      if (before === undefined) tallies.set(name, { ...tally })
      else into(before, tally)
    }
    const { last, epoch, time } = right ?? left
    half.push({ last, epoch, time, tallies })
  }
  return half
}
