import * as Effect from "effect/Effect"
import { divide, multiply, negate, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../domain/tensor/comparison.ts"
import { conv2d } from "../domain/tensor/convolution.ts"
import { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, tanh } from "../domain/tensor/elementwise.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, reshape, transpose } from "../domain/tensor/movement.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { placeholder } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import { onReference } from "./againstReference.ts"
import { expectThat } from "./expectations.ts"
import { type Law, makeLaw } from "./Law.ts"
import { float32, outputsOf, programOf } from "./programs.ts"

/** What a number is, where that is all that is promised of it. */
export type NumberKind = "NaN" | "Infinity" | "-Infinity" | "finite"

/**
 * Where a backend differs from IEEE 754 with numbers that are not finite, and what it gives there, by the case as the
 * law names it: `{ "clamp to -1..1 of NaN": "finite" }`.
 */
export type NotFiniteDeviations = Readonly<Record<string, NumberKind>>

const kindOf = (value: number): NumberKind =>
  Number.isNaN(value) ? "NaN" : Number.isFinite(value) ? "finite" : value > 0 ? "Infinity" : "-Infinity"

const given = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 200, -200, 0, -1, 1e-30]

const x = placeholder("x", [given.length])
const column = reshape(x, [given.length, 1])
// Ones and zeros that no simplification sees through.
const one = placeholder("one", [1])
const zero = placeholder("zero", [1])
const ones = placeholder("ones", [given.length])
const withOne = concatenate([column, transpose(broadcast(one, [1, given.length]))], 1)

/** Of each number given, one number. Functions overflow where float32 does; what is below its least normal may be zero. */
const cases: Readonly<Record<string, Tensor>> = {
  exp: exp(x),
  log: log(x),
  sqrt: sqrt(x),
  sin: sin(x),
  cos: cos(x),
  tanh: tanh(x),
  sigmoid: sigmoid(x),
  softplus: softplus(x),
  relu: relu(x),
  negate: negate(x),
  "softmax together": softmax(x),
  "softmax alone": softmax(column),
  "softmax with 1": softmax(withOne),
  "1 divided by": divide(1, x),
  "difference from itself": subtract(x, x),
  "product with 0": multiply(x, zero),
  "sum with 1": sum(withOne, [1]),
  "the greatest of 1 and": max(withOne, [1]),
  "maximum with 1": maximum(x, one),
  "maximum of 1 and": maximum(one, x),
  "maximum with ones": maximum(x, ones),
  "maximum of ones and": maximum(ones, x),
  "clamp to -1..1": clamp(x, -1, 1),
  "greater than 1": greater(x, one),
  "chosen where greater than 1": where(greater(x, one), x, one),
  "matrix product with 1": matmul(column, reshape(one, [1, 1])),
  "matrix product with 0": matmul(column, reshape(zero, [1, 1])),
  convolution: conv2d(reshape(x, [given.length, 1, 1, 1]), reshape(one, [1, 1, 1, 1]))
}

/**
 * NaN and infinities are as IEEE 754 has them, in float32, so that a training that has gone astray shows it: a NaN stays
 * one through every primitive that computes with it, `maximum` and `max` included. (A comparison with a NaN is false, and
 * `where` passes over what it does not choose.) Deviations must be stated, and be real.
 */
export const notFiniteLaw = (deviations: NotFiniteDeviations): Law =>
  makeLaw(
    "not finite",
    "NaN and infinities are as IEEE 754 has them, but for stated deviations",
    Effect.gen(function* () {
      const program = programOf("not finite", { x, one, zero, ones }, Object.values(cases))
      const inputs = {
        x: float32(given, [given.length]),
        one: float32([1], [1]),
        zero: float32([0], [1]),
        ones: float32(
          given.map(() => 1),
          [given.length]
        )
      }
      const found = yield* outputsOf(program, inputs)
      const wanted = yield* onReference(outputsOf(program, inputs))
      const unseen = new Set(Object.keys(deviations))
      const faults: Array<string> = []
      for (const [index, [name, { shape }]] of Object.entries(cases).entries()) {
        // The softmax of a pair is a pair: its first number, of what is given.
        const stride = (shape[0] ?? 1) === given.length ? (shape[1] ?? 1) : 1
        for (const [i, value] of given.entries()) {
          const kind = (tensor: { readonly values: ArrayLike<number> } | undefined): NumberKind =>
            kindOf(Math.fround(tensor?.values[i * stride] ?? Number.NaN))
          const [is, should] = [kind(found[index]), kind(wanted[index])]
          const what = `${name} of ${value}`
          if (is === should) continue
          if (deviations[what] === is) unseen.delete(what)
          else faults.push(`${what} is ${is} instead of ${should}`)
        }
      }
      for (const what of unseen) faults.push(`${what} is stated to be ${deviations[what]}, and is not`)
      yield* expectThat(faults.length === 0, () => faults.join("; "))
    })
  )
