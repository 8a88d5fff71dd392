import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { bernoulli, randomWords, standardNormal, uniform } from "../../../src/domain/random/noise.ts"
import { type Draws, noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { noise } from "../../../src/domain/tensor/source.ts"
import type { Distribution, Node } from "../../../src/domain/tensor/Tensor.ts"

const sourceOf = (distribution: Distribution, shape: ReadonlyArray<number>, exampleAxis = 0): Node<"noise"> => {
  const source = noise("z", distribution, shape, exampleAxis)
  return source.op === "noise" ? source : assert.fail("not noise")
}

const at = { seed: 3, step: 5 }
const key = { ...at, stream: "noise/z" }

describe("noiseNumbers", () => {
  it("are the values of the stream `noise/..`, of each distribution", () => {
    assert.deepStrictEqual(noiseNumbers(sourceOf({ kind: "normal" }, [2, 3]), at), standardNormal(key, 6))
    assert.deepStrictEqual(noiseNumbers(sourceOf({ kind: "uniform" }, [2, 3]), at), uniform(key, 6))
    const dropout = sourceOf({ kind: "bernoulli", probability: 0.3 }, [40])
    assert.deepStrictEqual(noiseNumbers(dropout, at), bernoulli(key, 0.3, 40))
  })

  it("are of a shard the rows of its own examples, wherever their axis is, by another maker of normals too", () => {
    const shape = fc.record({
      above: fc.integer({ min: 1, max: 3 }),
      examples: fc.integer({ min: 1, max: 3 }),
      inner: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 2, max: 3 })
    })
    fc.assert(
      fc.property(shape, ({ above, examples, inner, count }) => {
        const whole = standardNormal(key, above * count * examples * inner)
        const source = sourceOf({ kind: "normal" }, [above, examples, inner], 1)
        for (let index = 0; index < count; index++) {
          const rows = Array.from({ length: above }, (_, i) => (i * count + index) * examples * inner)
          const expected = rows.flatMap((begin) => [...whole.subarray(begin, begin + examples * inner)])
          const shard = { index, count, examples }
          assert.deepStrictEqual([...noiseNumbers(source, at, shard)], expected)
          const negated: Draws = {
            words: randomWords,
            normals: (...draw) => standardNormal(...draw).map((value) => -value)
          }
          assert.deepStrictEqual(
            [...noiseNumbers(source, at, shard, negated)],
            expected.map((value) => -value)
          )
        }
      })
    )
  })
})
