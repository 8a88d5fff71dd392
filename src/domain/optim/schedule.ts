import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { clamp, greater, minimum, where } from "../tensor/comparison.ts"
import { cos, exp } from "../tensor/elementwise.ts"
import { evaluate } from "../tensor/evaluate/evaluate.ts"
import { scalar } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"

/**
 * A number, or a function of the count of updates done before this one, a tensor `[]` (0 in the first update), to a
 * tensor `[]`. What learning rates, momenta and weights of losses follow.
 */
export type Schedule = number | ScheduleFunction

/** A schedule that changes: from the count of updates done, `[]`, to its value, `[]`. */
export type ScheduleFunction = (count: Tensor) => Tensor

/** The schedule's value at a count of updates: `[]`. */
export const valueAt = (schedule: Schedule, count: Tensor): Tensor =>
  typeof schedule === "number" ? scalar(schedule) : schedule(count)

/** Counts at which a schedule is tried when a program is built. */
const tried = [0, 1, 2, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

/**
 * The same schedule. Throws a `RangeError` that says where, if it is no finite number at one of the counts at which it is
 * tried (0, 1, 2 and the powers of ten up to a million), and a `TypeError` if it gives something else than one number.
 */
export const checkedSchedule = (schedule: Schedule, what: string): Schedule => {
  if (typeof schedule === "number") {
    if (!Number.isFinite(schedule)) throw new RangeError(`${what} is ${schedule}, which is not a finite number`)
    return schedule
  }
  const values = tried.map((count) => {
    const value: unknown = schedule(scalar(count))
    if (!isTensor(value) || value.shape.length !== 0) {
      throw new TypeError(`${what} is a schedule that gives something else than a tensor of shape []`)
    }
    return value
  })
  evaluate(values, () => {
    throw new TypeError(`${what} is a schedule that depends on more than the count of updates`)
  }).forEach(([value = Number.NaN], i) => {
    if (Number.isFinite(value)) return
    throw new RangeError(`${what} is a schedule that gives ${value} after ${tried[i]} updates`)
  })
  return schedule
}

/**
 * From `from` to `to` in a straight line over this many updates, then `to`. Throws a `RangeError` unless they are more than 0.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 * import { evaluate, placeholder } from "fovea/tensor"
 *
 * const rate = Optim.linear(1, 0, 10)
 * const value = Optim.valueAt(rate, placeholder("count", []))
 * const at = (count: number) => evaluate([value], () => Float64Array.of(count))[0]?.[0]?.toFixed(4)
 * console.log(at(0), at(5), at(20)) // 1.0000 0.5000 0.0000
 * ```
 */
export const linear = (from: number, to: number, updates: number): ScheduleFunction => {
  const progress = progressOver(updates)
  return (count) => add(from, multiply(to - from, progress(count)))
}

/**
 * `rate d^(t / every)`: multiplied by `d` over every N updates, smoothly. Throws a `RangeError` unless they are more
 * than 0.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 * import { evaluate, placeholder } from "fovea/tensor"
 *
 * const rate = Optim.exponential(0.1, 0.5, 100)
 * const value = Optim.valueAt(rate, placeholder("count", []))
 * const at = (count: number) => evaluate([value], () => Float64Array.of(count))[0]?.[0]?.toFixed(4)
 * console.log(at(0), at(100), at(200)) // 0.1000 0.0500 0.0250
 * ```
 */
export const exponential = (rate: number, d: number, every: number): ScheduleFunction => {
  const factor = Math.log(d) / requirePositive(every)
  return (count) => multiply(rate, exp(multiply(count, factor)))
}

/**
 * Half a cosine from `rate` down to `end` over this many updates, then `end` (Loshchilov 2017, SGDR, eq. 5 without restarts):
 *
 *     end + (rate - end) (1 + cos(pi t / updates)) / 2
 *
 * Throws a `RangeError` unless the updates are more than 0.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 * import { evaluate, placeholder } from "fovea/tensor"
 *
 * const rate = Optim.cosine(0.1, 100)
 * const value = Optim.valueAt(rate, placeholder("count", []))
 * const at = (count: number) => evaluate([value], () => Float64Array.of(count))[0]?.[0]?.toFixed(4)
 * console.log(at(0), at(50), at(100)) // 0.1000 0.0500 0.0000
 * ```
 */
export const cosine = (rate: number, updates: number, end = 0): ScheduleFunction => {
  const progress = progressOver(updates)
  return (count) => add(end, multiply((rate - end) / 2, add(1, cos(multiply(Math.PI, progress(count))))))
}

/**
 * In a straight line from `rate / updates` at the first update to `rate` at update number `updates`; then `rate`. Throws a
 * `RangeError` unless the updates are more than 0.
 */
export const warmup = (rate: number, updates: number): ScheduleFunction => {
  requirePositive(updates)
  return (count) => multiply(rate, minimum(divide(add(count, 1), updates), 1))
}

/**
 * A line from 0 to `rate` over `warmupUpdates`, then half a cosine down to `end` at `updates` (optax's
 * `warmup_cosine_decay_schedule`). Throws a `RangeError` unless there are updates of both.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 * import { evaluate, placeholder } from "fovea/tensor"
 *
 * const rate = Optim.warmupCosine(0.1, 10, 110)
 * const value = Optim.valueAt(rate, placeholder("count", []))
 * const at = (count: number) => evaluate([value], () => Float64Array.of(count))[0]?.[0]?.toFixed(4)
 * console.log(at(5), at(10), at(110)) // 0.0500 0.1000 0.0000
 * ```
 */
export const warmupCosine = (rate: number, warmupUpdates: number, updates: number, end = 0): ScheduleFunction =>
  joined([linear(0, rate, warmupUpdates), cosine(rate, updates - warmupUpdates, end)], [warmupUpdates])

/** `values[i]` from update `bounds[i - 1]` on: one value more than bounds. */
export const piecewise = (values: ReadonlyArray<number>, bounds: ReadonlyArray<number>): ScheduleFunction =>
  joined(values, bounds)

/**
 * Schedules one after the other: number i counts its updates from `bounds[i - 1]` on. Throws a `RangeError` unless there is one
 * bound less than schedules and they ascend.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 * import { evaluate, placeholder } from "fovea/tensor"
 *
 * const rate = Optim.joined([Optim.linear(0, 0.1, 10), 0.01], [10])
 * const value = Optim.valueAt(rate, placeholder("count", []))
 * const at = (count: number) => evaluate([value], () => Float64Array.of(count))[0]?.[0]?.toFixed(4)
 * console.log(at(5), at(9), at(10)) // 0.0500 0.0900 0.0100
 * ```
 */
export const joined = (schedules: ReadonlyArray<Schedule>, bounds: ReadonlyArray<number>): ScheduleFunction => {
  const [first, ...rest] = schedules
  if (first === undefined || bounds.length !== rest.length) {
    throw new RangeError(
      `${schedules.length} schedules are joined at ${schedules.length - 1} updates, not ${bounds.length}`
    )
  }
  if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? 0)))) {
    throw new RangeError(`schedules are joined at ascending updates, not at ${bounds.join(", ")}`)
  }
  return (count) =>
    rest.reduce(
      (value, schedule, i) => {
        const bound = bounds[i] ?? 0
        return where(greater(bound - 0.5, count), value, valueAt(schedule, subtract(count, bound)))
      },
      valueAt(first, count)
    )
}

/** The share of this many updates that is done, in [0, 1]. */
const progressOver = (updates: number): ((count: Tensor) => Tensor) => {
  requirePositive(updates)
  return (count) => clamp(divide(count, updates), 0, 1)
}

const requirePositive = (updates: number): number => {
  if (updates > 0 && Number.isFinite(updates)) return updates
  throw new RangeError(`a schedule goes over a positive number of updates, not ${updates}`)
}
