import { alignedTable } from "../text/alignedTable.ts"
import { formatCount, noNumber } from "../text/numbers.ts"

/** How a sweep stands, in numbers of points. */
export interface SweepTally {
  readonly name: string
  readonly cancelled: boolean
  readonly points: Readonly<Record<"waiting" | "running" | "finished" | "failed" | "cancelled", number>>
  readonly running: ReadonlyArray<{
    readonly worker: string
    /** Updates done, and how many there will be; none where nothing was reported yet. */
    readonly progress: { readonly update: number; readonly of: number } | undefined
    /** Seconds since its worker last showed that it lives. */
    readonly silent: number
  }>
}

const states = ["waiting", "running", "finished", "failed", "cancelled"] as const

/** Running points that are listed one by one. */
const mostListed = 20

/** Sweeps as lines for a terminal: a table of counts, and below it what is being trained. */
export const statusTable = (sweeps: ReadonlyArray<SweepTally>): ReadonlyArray<string> => {
  const rows = sweeps.map(({ name, points, cancelled }) => [
    cancelled ? `${name} (cancelled)` : name,
    ...states.map((state) => formatCount(points[state])),
    `${Math.floor((100 * points.finished) / Math.max(1, totalOf(points)))}%`
  ])
  const counts = alignedTable([["sweep", ...states, "done"], ...rows], { first: 1, last: states.length + 1 })
  const running = sweeps.flatMap((sweep) =>
    sweep.running.map(({ worker, progress, silent }) => [
      sweep.name,
      worker,
      progress === undefined ? noNumber : `${formatCount(progress.update)} of ${formatCount(progress.of)}`,
      `${Math.round(silent)} s ago`
    ])
  )
  if (running.length === 0) return counts
  const listed = alignedTable([["sweep", "worker", "update", "seen"], ...running.slice(0, mostListed)], {
    first: 2,
    last: 3
  })
  const more = running.length > mostListed ? [`and ${running.length - mostListed} more`] : []
  return [...counts, "", ...listed, ...more]
}

const totalOf = (points: SweepTally["points"]): number => states.reduce((sum, state) => sum + points[state], 0)

/** Whether nothing of a sweep waits or is being trained. */
export const isOver = ({ points }: SweepTally): boolean => points.waiting + points.running === 0

/** A sweep on one line, to be told while it goes on: `rates: 12 of 40 finished, 2 running, 1 failed`. */
export const progressLine = ({ name, points }: SweepTally): string => {
  const others = (["running", "failed", "cancelled"] as const).flatMap((state) =>
    points[state] === 0 ? [] : [`${formatCount(points[state])} ${state}`]
  )
  return `${name}: ${[`${formatCount(points.finished)} of ${formatCount(totalOf(points))} finished`, ...others].join(", ")}`
}
