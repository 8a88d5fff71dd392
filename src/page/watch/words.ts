import { palette } from "../../domain/page/charts.ts"
import type { RunSummary } from "../../domain/watch/RunSummary.ts"

const dashes = ["solid", "dashed", "dotted"] as const

/**
 * The line of the run that was chosen as this one of all: six colours, then the same dashed, then dotted. Of more runs than can so be told
 * apart all are solid: browsers take long to draw dashes.
 */
export const lineLook = (
  place: number,
  runs: number
): { readonly color: string; readonly dash: (typeof dashes)[number] } => ({
  color: palette[place % palette.length] ?? "#888",
  dash: (runs > palette.length * dashes.length ? undefined : dashes[Math.floor(place / palette.length)]) ?? "solid"
})

/** A number in as few digits as tell it apart. */
export const numberText = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return "–"
  const size = Math.abs(value)
  if (value !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2)
  return String(Number(value.toPrecision(4)))
}

/** Seconds as `1 h 5 min`, `3 min 20 s`, `12 s`. */
export const durationText = (seconds: number): string => {
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}

/** Where a run stands, in a line. */
export const standingText = ({
  update,
  totalUpdates,
  updatesPerSecond,
  secondsLeft,
  state,
  epoch
}: RunSummary): string =>
  [
    totalUpdates > 0 ? `${update} of ${totalUpdates}` : `update ${update}`,
    ...(epoch > 0 ? [`epoch ${numberText(epoch)}`] : []),
    ...(state === "running" && updatesPerSecond !== null && updatesPerSecond > 0
      ? [`${numberText(updatesPerSecond)}/s`]
      : []),
    ...(state === "running" && secondsLeft !== null ? [`${durationText(secondsLeft)} left`] : [])
  ].join(", ")

/** The folder of a sweep's point is called by its digest, which tells nobody anything. */
const isDigest = /^[0-9a-f]{32}$/

/** A run's name: what it calls itself, and its folder where that says more. */
export const runName = ({ id, name }: RunSummary): string =>
  id === "." || id === name || isDigest.test(id) ? name : id.endsWith(name) ? id : `${id} (${name})`

/** Runs as they are listed: by their names, in which numbers count as such. */
export const byName = (a: RunSummary, b: RunSummary): number =>
  runName(a).localeCompare(runName(b), "en", { numeric: true }) || a.id.localeCompare(b.id)
