import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { examplesOfShard, rowsOf, shardsFor, shardsOf, wholeShape } from "../../../src/domain/tensor/Sharding.ts"
import { noise, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Node } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const small = fc.integer({ min: 1, max: 4 })

describe("shardsFor", () => {
  it("divides the batch among at most as many shards as run at once, each of at least 25 examples", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 64 }), (batchSize, parallelism) => {
        const count = shardsFor(batchSize, parallelism)
        const fits = (n: number) => n === 1 || (n <= parallelism && batchSize % n === 0 && batchSize / n >= 25)
        assert.isTrue(fits(count))
        for (let more = count + 1; more <= parallelism; more++) assert.isFalse(fits(more), `${more} fit as well`)
      })
    )
  })

  it("is 2 for the paper's batch on two cores", () => {
    assert.deepStrictEqual(
      [1, 2, 3, 4, 8].map((cores) => shardsFor(100, cores)),
      [1, 2, 2, 4, 4]
    )
  })
})

describe("examplesOfShard", () => {
  it("divides a batch, and refuses one that cannot be divided", () => {
    assert.deepStrictEqual([examplesOfShard(100, 4), examplesOfShard(100, 1)], [25, 100])
    for (const count of [0, -4, 2.5]) {
      assert.throws(() => examplesOfShard(100, count), RangeError, `cannot be divided among ${count} shards`)
    }
    assert.throws(() => examplesOfShard(100, 3), RangeError, "a batch of 100 cannot be divided among 3 shards")
  })
})

describe("the inputs of shards", () => {
  it("are given whole, and each shard has its rows", () => {
    const sharding = { count: 3, examples: 2, inputs: ["x"] }
    const x = placeholder("x", [2, 2])
    assert.deepStrictEqual(wholeShape(sharding, "x", x), [6, 2])
    assert.deepStrictEqual(wholeShape(sharding, "rate", x), [2, 2])
    assert.deepStrictEqual(wholeShape(undefined, "x", x), [2, 2])
    const whole = tensorData(
      [6, 2],
      Float32Array.from({ length: 12 }, (_, i) => i)
    )
    const rows = shardsOf(sharding).map((shard) => rowsOf(shard, whole))
    assert.deepStrictEqual(
      rows.map(({ shape, values }) => [shape, [...values]]),
      [
        [
          [2, 2],
          [0, 1, 2, 3]
        ],
        [
          [2, 2],
          [4, 5, 6, 7]
        ],
        [
          [2, 2],
          [8, 9, 10, 11]
        ]
      ]
    )
  })
})

describe("the noise of shards", () => {
  it("is that of the whole batch, example by example, wherever the axis of examples is", () => {
    const distributions = fc.constantFrom(
      { kind: "normal" } as const,
      { kind: "uniform" } as const,
      { kind: "bernoulli", probability: 0.4 } as const
    )
    fc.assert(
      fc.property(
        fc.record({ before: fc.array(small, { maxLength: 2 }), after: fc.array(small, { maxLength: 2 }) }),
        fc.record({ count: small, examples: small, times: fc.integer({ min: 1, max: 3 }) }),
        distributions,
        ({ before, after }, { count, examples, times }, distribution) => {
          const axis = before.length
          const sourceOf = (batch: number): Node<"noise"> => {
            const source = noise("z", distribution, [...before, times * batch, ...after], axis)
            if (source.op !== "noise") throw new Error("not noise")
            return source
          }
          const key = { seed: 3, step: 5 }
          const whole = noiseNumbers(sourceOf(count * examples), key)
          const inner = sizeOf(after)
          for (const shard of shardsOf({ count, examples, inputs: [] })) {
            const own = noiseNumbers(sourceOf(examples), key, shard)
            for (let i = 0; i < own.length; i++) {
              // [outer, time, example, inner] of the shard
              const [within, row] = [i % inner, Math.floor(i / inner)]
              const [example, above] = [row % examples, Math.floor(row / examples)]
              const there = (above * count * examples + shard.index * examples + example) * inner + within
              assert.strictEqual(own[i], whole[there])
            }
          }
        }
      ),
      { numRuns: 100 }
    )
  })

  it.each([0, 2, -3, 1.5])("may not be for a part of %d examples where its axis does not hold them", (examples) => {
    assert.throws(
      () => noise("z", { kind: "normal" }, [3, 2], 0, examples),
      `a tensor [3, 2] does not hold ${examples} examples, or several times as many, along axis 0`
    )
  })

  it("may have its axis of examples only where it has an axis", () => {
    assert.throws(() => noise("z", { kind: "normal" }, [2, 3], 2), /has no axis 2 to count examples/)
  })
})
