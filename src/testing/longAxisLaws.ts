import * as Effect from "effect/Effect"
import { add, multiply } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { maximum } from "../domain/tensor/comparison.ts"
import { exp, relu } from "../domain/tensor/elementwise.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, slice, transpose } from "../domain/tensor/movement.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import { placeholder } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { TensorData } from "../domain/tensor/TensorData.ts"
import { expressionsAgree } from "./againstReference.ts"
import { exactly, type Tolerance } from "./expectations.ts"
import { type Law, makeLaw } from "./Law.ts"
import { float32 } from "./programs.ts"
import type { Tolerances } from "./tolerances.ts"

/** Lengths on both sides of what engines handle at once: vectors of 4, 8 and 16, blocks of 32 and 64. */
const lengths = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100]

/** Multiples of 1/16 in [-2, 2], in no order: sums of 256 products of two are exact in float32. */
const numbers = (shape: Shape, phase: number): TensorData =>
  float32(
    Array.from({ length: sizeOf(shape) }, (_, i) => (((i + phase) * 37) % 65) / 16 - 2),
    shape
  )

const pairs = lengths.map((n, i) => [n, lengths[lengths.length - 1 - i] ?? 1] as const)

const overPairs = (
  name: string,
  tolerance: Tolerance,
  shapes: (n: number, m: number) => ReadonlyArray<Shape>,
  build: (operands: ReadonlyArray<Tensor>) => ReadonlyArray<Tensor>
) =>
  Effect.forEach(
    pairs,
    ([n, m]) => {
      const operands = shapes(n, m).map((shape, i) => placeholder(`x${i}`, shape))
      return expressionsAgree(
        {
          name,
          placeholders: Object.fromEntries(operands.map((tensor, i) => [`x${i}`, tensor])),
          roots: build(operands),
          alsoAsWritten: false
        },
        Object.fromEntries(operands.map(({ shape }, i) => [`x${i}`, numbers(shape, 11 * i)])),
        tolerance,
        (output) => `of ${n} and ${m}, result ${output}`
      )
    },
    { discard: true }
  )

const nth = (operands: ReadonlyArray<Tensor>, i: number): Tensor => operands[i] ?? placeholder("missing", [1])

/** What engines compute in blocks, over axes that the blocks do not divide. */
export const longAxisLaws = (tolerances: Tolerances): ReadonlyArray<Law> => [
  makeLaw(
    "primitives",
    "over long axes: arithmetic, sums, greatest entries and movement",
    Effect.suspend(() =>
      overPairs(
        "long axes",
        exactly,
        (n, m) => [[n, m], [m], [n, 1]],
        (operands) => {
          const [x, row, column] = [nth(operands, 0), nth(operands, 1), nth(operands, 2)]
          return [
            add(multiply(x, row), column),
            relu(maximum(x, row)),
            sum(x, [0], false),
            sum(x, [1], true),
            max(x, [0], false),
            max(x, [1], false),
            transpose(x),
            concatenate([x, broadcast(row, x.shape), x], 0),
            slice(
              x,
              x.shape.map((size) => Math.floor(size / 3)),
              x.shape.map((size) => size - Math.floor(size / 3))
            )
          ]
        }
      )
    )
  ),
  makeLaw(
    "primitives",
    "over long axes: products, transposed or not",
    Effect.suspend(() =>
      overPairs(
        "long products",
        exactly,
        (n, m) => [
          [n, m],
          [m, n],
          [2, n, 5],
          [2, n, m]
        ],
        (operands) => {
          const [x, y, batch, others] = [nth(operands, 0), nth(operands, 1), nth(operands, 2), nth(operands, 3)]
          return [
            matmul(x, y),
            matmul(y, y, { transposeA: true }),
            matmul(x, x, { transposeB: true }),
            matmul(x, y, { transposeA: true, transposeB: true }),
            matmul(batch, others, { transposeA: true }),
            matmul(others, y)
          ]
        }
      )
    )
  ),
  makeLaw(
    "primitives",
    "over long axes: functions",
    Effect.suspend(() =>
      overPairs(
        "long functions",
        (wanted) => Math.max(tolerances.exp, tolerances.softmax) * Math.max(1, Math.abs(wanted)),
        (n, m) => [[n, m], [m]],
        (operands) => [exp(nth(operands, 0)), softmax(nth(operands, 0)), softmax(nth(operands, 1))]
      )
    )
  )
]
