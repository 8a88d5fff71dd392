import * as Effect from "effect/Effect"
import { add, divide, multiply, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../domain/tensor/comparison.ts"
import { cos, exp, relu, sigmoid, sin, softplus, sqrt, tanh } from "../domain/tensor/elementwise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, pad, slice, transpose } from "../domain/tensor/movement.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import { placeholder } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import { expressionsAgree } from "./againstReference.ts"
import { type Law, type LawBody, makeLaw } from "./Law.ts"
import { weightedSum } from "./losses.ts"
import { float32 } from "./programs.ts"

/** Engines have kernels for four, five or six axes, and go other ways beyond them. */
const shapes: ReadonlyArray<Shape> = [
  [2, 1, 3, 2, 2],
  [2, 3, 1, 2, 1, 2],
  [2, 1, 3, 2, 1, 2, 2],
  [1, 2, 2, 1, 3, 2, 1, 2],
  [2, 1, 3, 1, 2, 1, 1, 2, 2]
]

const axesWhere = (shape: Shape, chosen: (axis: number) => boolean): ReadonlyArray<number> =>
  shape.flatMap((_, axis) => (chosen(axis) ? [axis] : []))

const expressionsOf = (x: Tensor, y: Tensor): Readonly<Record<string, Tensor>> => {
  const { shape } = x
  const last = shape.length - 1
  const [even, odd] = [axesWhere(shape, (axis) => axis % 2 === 0), axesWhere(shape, (axis) => axis % 2 === 1)]
  const [thin, row] = [
    sum(y, even, true),
    sum(
      y,
      axesWhere(shape, (axis) => axis < last)
    )
  ]
  const third = greater(add(x, 0.3719), 0)
  return {
    sum: add(x, y),
    "sum with a stretched one": add(x, thin),
    "sum of two that are stretched": add(sum(x, odd, true), thin),
    "difference with a row": subtract(row, x),
    product: multiply(x, thin),
    "product with a number": multiply(x, sum(y)),
    quotient: divide(x, add(multiply(thin, thin), 1)),
    maximum: maximum(x, add(thin, 0.3719)),
    choice: where(third, x, thin),
    "choice by a stretched one": where(greater(add(thin, 0.3719), 0), x, y),
    clamp: clamp(x, -0.5, 0.5),
    functions: exp(tanh(softplus(relu(sigmoid(sqrt(add(multiply(sin(x), cos(x)), 1))))))),
    softmax: softmax(x),
    greatest: max(add(x, multiply(y, 0.01)), odd),
    "sum over some": sum(x, even),
    stretched: broadcast(thin, shape),
    reversed: transpose(x),
    turned: transpose(
      x,
      [...shape.keys()].map((axis) => (axis + 2) % shape.length)
    ),
    part: slice(
      x,
      shape.map((n) => n - 1),
      shape.map(() => 1)
    ),
    "part of the last axes": slice(
      x,
      shape.map((_, axis) => (axis === last ? 1 : 0)),
      shape.map((n, axis) => (axis === last ? n - 1 : n))
    ),
    "wider at both ends": pad(
      x,
      shape.map((_, axis) => Number(axis === 0)),
      shape.map((_, axis) => (axis === last || axis === 2 ? 2 : 0))
    ),
    "wider everywhere": pad(
      x,
      shape.map(() => 1),
      shape.map(() => 0)
    ),
    "one behind the other": concatenate([x, y, x], 2),
    "matrix products": matmul(x, y, { transposeB: true }),
    "matrix products of stretched ones": matmul(sum(x, [0], true), y, { transposeA: true }),
    gradient: gradient(weightedSum(tanh(multiply(add(x, thin), y))), y)
  }
}

const agree = (shape: Shape, drift: number): LawBody => {
  const [x, y] = [placeholder("x", shape), placeholder("y", shape)]
  const numbers = (phase: number) =>
    float32(
      Array.from({ length: sizeOf(shape) }, (_, i) => (((i + phase) * 37) % 65) / 16 - 2),
      shape
    )
  const expressions = expressionsOf(x, y)
  const names = Object.keys(expressions)
  return expressionsAgree(
    { name: "many axes", placeholders: { x, y }, roots: Object.values(expressions), alsoAsWritten: true },
    { x: numbers(0), y: numbers(11) },
    (_, greatest) => drift * greatest,
    (output) => `${names[Number(output)]} of [${shape.join()}]`
  )
}

/** Every kind of primitive over five to nine axes, where kernels for images have none left. */
export const manyAxesLaw = (drift: number): Law =>
  makeLaw(
    "primitives",
    "over many axes",
    Effect.forEach(shapes, (shape) => Effect.suspend(() => agree(shape, drift)), { discard: true })
  )
