import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type KernelDistanceOptions, kernelDistance } from "../../../src/domain/evaluation/kernelDistance.ts"
import { permutation } from "../../../src/domain/random/permutation.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, rotated } from "./samples.ts"

const distance = (real: TensorData, generated: TensorData, options?: KernelDistanceOptions) =>
  Result.getOrThrow(kernelDistance(real, generated, options))

/** The estimator as it is written, over whole sets of equal size. */
const plain = (x: TensorData, y: TensorData): number => {
  const [n = 0, d = 0] = x.shape
  const row = (t: TensorData, i: number) => [...t.values.subarray(i * d, (i + 1) * d)]
  const kernel = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
    (a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0) / d + 1) ** 3
  let total = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i !== j) total += (kernel(row(x, i), row(x, j)) + kernel(row(y, i), row(y, j))) / (n * (n - 1))
      total -= (2 * kernel(row(x, i), row(y, j))) / (n * n)
    }
  }
  return total
}

/** The samples of a block, dealt by the permutation of the documented streams. */
const dealt = (samples: TensorData, kind: string, block: number, size: number): TensorData => {
  const [n = 0, d = 0] = samples.shape
  const order = permutation({ seed: 0, stream: `evaluation/kernel/${kind}`, step: 0 }, n)
  const chosen = [...order.subarray(block * size, (block + 1) * size)]
  return float64(
    [size, d],
    chosen.flatMap((row) => [...samples.values.subarray(row * d, (row + 1) * d)])
  )
}

describe("the kernel distance", () => {
  it("is the mean of the estimator over disjoint blocks", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 2, max: 70 }), fc.integer({ min: 1, max: 9 }), (seed, size, d) => {
        const [x, y] = [normalSamples(seed, "x", [2 * size + 1, d]), normalSamples(seed, "y", [3 * size, d], 0.3)]
        const blocks = [0, 1].map((block) => plain(dealt(x, "real", block, size), dealt(y, "generated", block, size)))
        const expected = ((blocks[0] ?? 0) + (blocks[1] ?? 0)) / 2
        const found = distance(x, y, { blockSize: size })
        assert.closeTo(found.mean, expected, 1e-9 * (1 + Math.abs(expected)))
        assert.closeTo(
          found.standardError,
          Math.abs((blocks[0] ?? 0) - (blocks[1] ?? 0)) / 2,
          1e-8 * (1 + Math.abs(expected))
        )
      }),
      { numRuns: 20 }
    )
  })

  it("does not change under rotation, and is a pure function of its seed", () => {
    const [x, y] = [normalSamples(1, "x", [60, 4]), normalSamples(1, "y", [50, 4], 0.5)]
    const straight = distance(x, y, { blockSize: 10 })
    assert.deepStrictEqual(distance(x, y, { blockSize: 10 }), straight)
    assert.closeTo(distance(rotated(x, 1), rotated(y, 1), { blockSize: 10 }).mean, straight.mean, 1e-10)
    assert.notStrictEqual(distance(x, y, { blockSize: 10, seed: 1 }).mean, straight.mean)
    assert.deepInclude(straight, { count: 5, blockSize: 10 })
  })

  it("is 0 within its standard error for two sets of one distribution, and far above for others", () => {
    const [x, y, z] = [
      normalSamples(2, "x", [2000, 16]),
      normalSamples(2, "y", [2000, 16]),
      normalSamples(2, "z", [2000, 16], 0.2)
    ]
    const same = distance(x, y, { blockSize: 200 })
    assert.isBelow(Math.abs(same.mean), 4 * same.standardError)
    const other = distance(x, z, { blockSize: 200 })
    assert.isAbove(other.mean, 10 * other.standardError)
  })

  it("has the expectation of the closed form in one dimension", () => {
    // k = (xy+1)^3: MMD^2 = sum_m C(3,m) (E x^m - E y^m)^2; x ~ N(0,1), y ~ N(1/2,1): moments 0,1,0 and 1/2,5/4,13/8.
    const expected = 3 * 0.25 + 3 * 0.0625 + (13 / 8) ** 2
    const found = distance(normalSamples(3, "x", [20_000, 1]), normalSamples(3, "y", [20_000, 1], 0.5), {
      blockSize: 500
    })
    assert.isBelow(Math.abs(found.mean - expected), 4 * found.standardError)
    assert.isBelow(found.standardError, 0.3)
  })

  it("takes half of small sets for a block, and says how many samples are missing", () => {
    const x = normalSamples(4, "x", [9, 2])
    assert.deepInclude(distance(x, x), { count: 2, blockSize: 4 })
    assertFails(kernelDistance(x, x, { blockSize: 10 }), /needs at least 20 samples, 9 were given: 11 are missing/)
    assertFails(kernelDistance(x, normalSamples(4, "y", [9, 3])), /generated: .*\[3\].*"real" \[2\]/)
    assert.throws(() => kernelDistance(x, x, { blockSize: 1 }), RangeError)
  })
})
