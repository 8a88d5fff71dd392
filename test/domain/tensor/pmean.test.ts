import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { softplus, tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { meansOverShards, pmean } from "../../../src/domain/tensor/pmean.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

const features = 3

/** A loss that is a mean over examples: of a small network of `w`. */
const lossOf = (examples: number): { readonly loss: Tensor; readonly w: Tensor } => {
  const w = placeholder("w", [features])
  return {
    loss: mean(
      softplus(
        tanh(matmul(placeholder("x", [examples, features]), multiply(w, placeholder("u", [features, features]))))
      )
    ),
    w
  }
}

describe("pmean", () => {
  it("of the gradients of equal shards is the gradient of the whole batch", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat({ max: 10_000 }),
        (shards, examples, seed) => {
          const whole = lossOf(shards * examples)
          const shard = lossOf(examples)
          const x = normals(seed, "x", [shards * examples, features])
          const numbers = { w: normals(seed, "w", [features]), u: normals(seed, "u", [features, features]) }
          const [expected = new Float64Array(0)] = evaluateNamed([gradient(whole.loss, whole.w)], { ...numbers, x })
          const size = examples * features
          const ofShards = Array.from(
            { length: shards },
            (_, k) =>
              evaluateNamed([gradient(shard.loss, shard.w)], { ...numbers, x: x.subarray(k * size, (k + 1) * size) })[0]
          )
          const averaged = expected.map(
            (_, i) => ofShards.reduce((total, g) => total + (g?.[i] ?? Number.NaN), 0) / shards
          )
          assertClose(averaged, expected, 1e-12)
        }
      ),
      { numRuns: 50 }
    )
  })

  it("has as gradient the mean of the shards' cotangents", () => {
    const [x, weight] = [placeholder("x", [2]), placeholder("weight", [2])]
    const derived = gradient(sum(multiply(pmean(x), weight)), x)
    // A shard's x is in every shard's mean with weight 1/K.
    assert.strictEqual(derived.op, "pmean")
    assert.deepStrictEqual(Array.from(evaluateNamed([derived], { weight: Float64Array.of(3, 5) })[0] ?? []), [3, 5])
  })

  it("of a tree is that of each leaf, in the same tree", () => {
    const tree = { outer: { w: placeholder("w", [2]) }, b: placeholder("b", []) }
    assert.deepStrictEqual(meansOverShards(tree), { outer: { w: pmean(tree.outer.w) }, b: pmean(tree.b) })
  })

  it("is its operand in a program of one shard", () => {
    const x = placeholder("x", [2])
    assert.deepStrictEqual(Array.from(evaluateNamed([pmean(x)], { x: Float64Array.of(3, 5) })[0] ?? []), [3, 5])
  })
})
