import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { SettingsError } from "../experiment/ExperimentSettings.ts"
import { uniform } from "../random/noise.ts"
import { MOST_POINTS, type NumberRange, pathsOf, type SweepAxis } from "./SweepPlan.ts"

/** What the axes say of a point: values by the paths of settings. */
export type AxisValues = Readonly<Record<string, Schema.Json>>

/**
 * All points of some axes: every point of the first with every point of the second, and so on; the last axis varies fastest. No axes make one
 * point that says nothing. Fails with a `SettingsError` for a path on two axes, for a range without paths, and for more points than
 * any sweep has.
 */
export const axisPoints = (
  axes: ReadonlyArray<SweepAxis>,
  seeds = 1
): Result.Result<ReadonlyArray<AxisValues>, SettingsError> => {
  const fault = axesFault(axes, seeds)
  if (fault !== undefined) return Result.fail(fault)
  return Result.succeed(
    axes.reduce<ReadonlyArray<AxisValues>>(
      (points, axis) => {
        const along = alongAxis(axis)
        return points.flatMap((point) => along.map((values) => ({ ...point, ...values })))
      },
      [{}]
    )
  )
}

const lengthOf = (axis: SweepAxis): number => {
  if ("path" in axis) return axis.values.length
  return "ranges" in axis ? axis.random : axis.points.length
}

const alongAxis = (axis: SweepAxis): ReadonlyArray<AxisValues> => {
  if ("path" in axis) return axis.values.map((value) => ({ [axis.path]: value }))
  if (!("ranges" in axis)) return axis.points
  return Object.entries(axis.ranges).reduce<ReadonlyArray<AxisValues>>(
    (points, [path, range]) =>
      randomNumbers(range, axis.random, axis.seed, path).map((number, i) => ({ ...points[i], [path]: number })),
    []
  )
}

/** Significant digits of a random number: what people read, and all that a setting needs. */
const digits = 4

/**
 * Numbers of a range by seed and path. The first are the same however many are asked for, and whatever other ranges there are.
 */
const randomNumbers = (
  { from, to, scale = "linear", whole = false }: NumberRange,
  count: number,
  seed: number,
  path: string
): ReadonlyArray<number> =>
  Array.from(uniform({ seed, stream: `sweep/${path}`, step: 0 }, count), (share) => {
    const spread = (low: number, high: number): number =>
      scale === "log" ? Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low))) : low + share * (high - low)
    const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
    if (!whole) return within(Number(spread(from, to).toPrecision(digits)), from, to)
    const [least, most] = [Math.ceil(from), Math.floor(to)]
    // Each whole number has as much room as the others.
    return scale === "log"
      ? within(Math.round(spread(from, to)), least, most)
      : within(Math.floor(spread(least, most + 1)), least, most)
  })

const axesFault = (axes: ReadonlyArray<SweepAxis>, seeds: number): SettingsError | undefined => {
  const seen = new Map<string, number>()
  for (const [index, axis] of axes.entries()) {
    const paths = pathsOf(axis)
    if (paths.length === 0) return new SettingsError({ field: `axes.${index}`, problem: "names no setting" })
    for (const path of paths) {
      const other = seen.get(path)
      if (other !== undefined) {
        return new SettingsError({ field: `axes.${index}`, problem: `"${path}" is on axis ${other} as well` })
      }
      seen.set(path, index)
    }
  }
  const count = axes.reduce((product, axis) => product * lengthOf(axis), seeds)
  if (count <= MOST_POINTS) return undefined
  return new SettingsError({ field: "axes", problem: `these make ${count} points; a sweep has at most ${MOST_POINTS}` })
}
