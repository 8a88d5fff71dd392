import { assert } from "@effect/vitest"
import { add, multiply } from "../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../src/domain/tensor/gradient.ts"
import { formatShape, sameShape, sizeOf } from "../../src/domain/tensor/Shape.ts"
import { literal } from "../../src/domain/tensor/source.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import { agree, type Numbers, numbersOf } from "./numbers.ts"

/**
 * Step of the central differences. With third derivatives up to about 1500 (1/x at 1/4) the truncation error
 * `h^2 f''' / 6` stays below 3e-8, and cancellation below 1e-10.
 */
const step = 1e-5

/** Relative tolerance of a gradient against central differences. */
const tolerance = 1e-6

/**
 * Asserts that `gradient` of the loss, a single number, agrees with central differences in float64 for every entry of
 * every placeholder given, and has its shape. `what` names the case in the failure.
 */
export const assertGradient = (
  loss: Tensor,
  placeholders: ReadonlyArray<Tensor>,
  numbers: Numbers,
  what: string
): void => {
  const tree = Object.fromEntries(placeholders.map((tensor) => [nameOf(tensor), tensor]))
  const gradients = gradient<Readonly<Record<string, Tensor>>>(loss, tree)
  for (const parameter of placeholders) {
    const name = nameOf(parameter)
    const derivative = gradients[name]
    const where = `${what}: derivative with respect to ${name} ${formatShape(parameter.shape)}`
    if (derivative === undefined) throw new Error(`${where} is missing`)
    assert.isTrue(sameShape(derivative.shape, parameter.shape), `${where} has shape ${formatShape(derivative.shape)}`)
    const [computed = new Float64Array()] = numbersOf([derivative], numbers)
    const values = Float64Array.from(numbers[name] ?? [])
    const lossAt = (i: number, value: number): number =>
      numbersOf([loss], { ...numbers, [name]: values.with(i, value) })[0]?.[0] ?? Number.NaN
    values.forEach((value, i) => {
      const measured = (lossAt(i, value + step) - lossAt(i, value - step)) / (2 * step)
      if (!agree(computed[i] ?? Number.NaN, measured, tolerance)) {
        assert.fail(`${where}, entry ${i}: ${computed[i]}, but central differences give ${measured}`)
      }
    })
  }
}

const nameOf = (tensor: Tensor): string => {
  if (tensor.op !== "placeholder")
    throw new TypeError(`central differences are taken by placeholders, not ${tensor.op}`)
  return tensor.parameters.name
}

/** `sum w y` with fixed irregular weights `w`: a loss whose cotangent for `y` is different in every entry. */
export const weightedSum = (y: Tensor, phase = 0): Tensor => {
  const weights = Float64Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.sin(1 + phase + 1.7 * i))
  return sum(multiply(y, literal({ shape: y.shape, values: weights })))
}

/** `sum_i (w_i . d loss / d x_i)`: what a second derivative is taken of. */
export const gradientLoss = (loss: Tensor, placeholders: ReadonlyArray<Tensor>): Tensor =>
  placeholders
    .map((tensor, i) => weightedSum(gradient(loss, tensor), i))
    .reduce((total, term) => add(total, term), weightedSum(literal({ shape: [], values: Float64Array.of(0) })))
