import * as Effect from "effect/Effect"
import { formatShape, type Shape, sameShape, sizeOf } from "../domain/tensor/Shape.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import type { BackendError } from "../layers/backend/TensorBackend.ts"
import { Violation } from "./Law.ts"

/** Fails with a `Violation` unless something holds. */
export const expectThat = (holds: boolean, problem: () => string): Effect.Effect<void, Violation> =>
  holds ? Effect.void : Effect.fail(new Violation({ problem: problem() }))

/**
 * How far an entry may be from `wanted`, in a tensor whose greatest magnitude is `greatest` (at least 1). 0 asks for the
 * same number.
 */
export type Tolerance = (wanted: number, greatest: number) => number

/** The number that is wanted, and no other. The sign of a zero is not promised. */
export const exactly: Tolerance = () => 0

/** What is wrong with tensors, as a sentence; nothing if they have the wanted shapes and numbers. */
export const tensorFault = (
  found: NamedTensors,
  wanted: NamedTensors,
  tolerance: Tolerance,
  describe: (name: string) => string
): string | undefined => {
  for (const [name, { shape, values }] of Object.entries(wanted)) {
    const tensor = found[name]
    if (tensor === undefined) return `${describe(name)} is missing`
    if (!sameShape(tensor.shape, shape) || tensor.values.length !== sizeOf(shape)) {
      const got = `${formatShape(tensor.shape)} with ${tensor.values.length} numbers`
      return `${describe(name)} is ${got} instead of ${formatShape(shape)}`
    }
    const greatest = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    for (let i = 0; i < values.length; i++) {
      const [is = Number.NaN, should = Number.NaN] = [tensor.values[i], values[i]]
      if (!near(is, should, tolerance(should, greatest))) {
        return `${describe(name)} ${formatShape(shape)}, entry ${i}, is ${is} instead of ${should}`
      }
    }
  }
  const unknown = Object.keys(found).find((name) => wanted[name] === undefined)
  return unknown === undefined ? undefined : `${describe(unknown)} is there and should not be`
}

// Not `> tolerance`: a NaN where there should be a number must fail.
const near = (is: number, should: number, tolerance: number): boolean =>
  is === should || (Number.isNaN(is) && Number.isNaN(should)) || Math.abs(is - should) <= tolerance

/** Fails unless tensors have the wanted names, shapes and numbers. */
export const expectTensors = (
  found: NamedTensors,
  wanted: NamedTensors,
  tolerance: Tolerance,
  describe: (name: string) => string
): Effect.Effect<void, Violation> => {
  const fault = tensorFault(found, wanted, tolerance, describe)
  return fault === undefined ? Effect.void : Effect.fail(new Violation({ problem: fault }))
}

/** Fails unless tensors have the wanted names and numbers, exactly; their shapes are not looked at. */
export const expectNumbers = (
  found: NamedTensors,
  wanted: Readonly<Record<string, ReadonlyArray<number>>>,
  what: string
): Effect.Effect<void, Violation> => {
  const flat = (values: ArrayLike<number>) => ({ shape: [values.length], values: Float64Array.from(values) })
  return expectTensors(
    Object.fromEntries(Object.entries(found).map(([name, { values }]) => [name, flat(values)])),
    Object.fromEntries(Object.entries(wanted).map(([name, values]) => [name, flat(values)])),
    exactly,
    (name) => `${what} "${name}"`
  )
}

/** Fails unless a tensor has a shape. */
export const expectShape = (found: NamedTensors, name: string, shape: Shape): Effect.Effect<void, Violation> =>
  expectThat(found[name] !== undefined && sameShape(found[name].shape, shape), () => {
    const given = found[name] === undefined ? "missing" : `of shape ${formatShape(found[name].shape)}`
    return `"${name}" is ${given} instead of ${formatShape(shape)}`
  })

/**
 * Fails unless an effect fails with a `BackendError` of the given moment whose message mentions everything that its
 * reader needs.
 */
export const expectFailure = <A, R>(
  effect: Effect.Effect<A, BackendError, R>,
  during: BackendError["during"],
  mentioned: ReadonlyArray<string>,
  what: string
): Effect.Effect<void, Violation, R> =>
  Effect.matchEffect(effect, {
    onSuccess: () => Effect.fail(new Violation({ problem: `${what} succeeds, and should fail` })),
    onFailure: (error) => {
      if (error._tag !== "BackendError")
        return Effect.fail(new Violation({ problem: `${what} fails with another error` }))
      const lacking = mentioned.filter((text) => !error.message.includes(text))
      return expectThat(
        error.during === during && lacking.length === 0,
        () =>
          `${what} should fail during "${during}" and mention ${mentioned.join(", ")}; it fails during "${error.during}" ` +
          `with "${error.message}"`
      )
    }
  })
