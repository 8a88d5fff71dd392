import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { contentOrder } from "../../../src/domain/metrics/contentOrder.ts"
import { type KernelDistanceOptions, kernelDistance } from "../../../src/domain/metrics/kernelDistance.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, rotated } from "./samples.ts"

const distance = (real: TensorData, generated: TensorData, options?: KernelDistanceOptions) =>
  Result.getOrThrow(kernelDistance(real, generated, options))

/** The estimator as it is written, over whole sets of equal size. */
const plain = (x: TensorData, y: TensorData, ofProduct = (product: number) => (product + 1) ** 3): number => {
  const [n = 0, d = 0] = x.shape
  const row = (t: TensorData, i: number) => [...t.values.subarray(i * d, (i + 1) * d)]
  const kernel = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
    ofProduct(a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0) / d)
  let total = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i !== j) total += (kernel(row(x, i), row(x, j)) + kernel(row(y, i), row(y, j))) / (n * (n - 1))
      total -= (2 * kernel(row(x, i), row(y, j))) / (n * n)
    }
  }
  return total
}

/** The samples of a block, dealt by their contents in the order of the documented streams. */
const dealt = (samples: TensorData, seed: number, kind: string, block: number, size: number): TensorData => {
  const [n = 0, d = 0] = samples.shape
  const key = { seed, stream: `evaluation/kernel/${kind}`, step: 0 }
  const order = contentOrder({ count: n, width: d, values: samples.values }, key)
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
        const blocks = [0, 1].map((block) =>
          plain(dealt(x, seed, "real", block, size), dealt(y, seed, "generated", block, size))
        )
        const expected = ((blocks[0] ?? 0) + (blocks[1] ?? 0)) / 2
        const found = distance(x, y, { blockSize: size, seed })
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
    // Other features are dealt to other blocks: the same within the error.
    const turned = distance(rotated(x, 1), rotated(y, 1), { blockSize: 10 })
    assert.isBelow(Math.abs(turned.mean - straight.mean), 4 * straight.standardError)
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

  it("does not vanish in rounding for features near 0: there the kernel is 1 + 3 x.y / d", () => {
    const small = (name: string, mean: number) => {
      const { shape, values } = normalSamples(6, name, [8, 3], mean)
      return float64(
        shape,
        [...values].map((value) => value * 1e-40)
      )
    }
    const [x, y] = [small("x", 0), small("y", 1)]
    const [a, b] = [0, 1].map((block) =>
      plain(dealt(x, 0, "real", block, 4), dealt(y, 0, "generated", block, 4), (product) => 3 * product)
    )
    assert.closeTo(distance(x, y, { blockSize: 4 }).mean / (((a ?? 0) + (b ?? 0)) / 2), 1, 1e-6)
  })

  it.each([0, 1e4, -1e8, 1e11])(
    "is right to the last digits for features about %d, where all kernels are nearly equal",
    (at) => {
      const [x, y] = [normalSamples(5, "x", [8, 1]), normalSamples(5, "y", [8, 1], 1)].map((set) =>
        float64(
          [8, 1],
          [...set.values].map((value) => at + Math.round(value * 1024) / 1024)
        )
      )
      if (x === undefined || y === undefined) throw new Error("two sets")
      const expected = [0, 1].reduce(
        (sum, block) => sum + exact(dealt(x, 0, "real", block, 4), dealt(y, 0, "generated", block, 4)) / 2,
        0
      )
      assert.closeTo(distance(x, y, { blockSize: 4 }).mean / expected, 1, 1e-6)
    }
  )
})

/** The estimator over whole sets of equal size of one feature, in whole numbers of 1 / 1024: without rounding. */
const exact = (x: TensorData, y: TensorData): number => {
  const whole = (set: TensorData) => [...set.values].map((value) => BigInt(value * 1024))
  const [a, b] = [whole(x), whole(y)]
  const n = BigInt(a.length)
  const sum = (p: ReadonlyArray<bigint>, q: ReadonlyArray<bigint>, distinct: boolean): bigint =>
    p.reduce(
      (total, u, i) =>
        q.reduce((part, v, j) => (distinct && i === j ? part : part + (u * v + 1024n ** 2n) ** 3n), total),
      0n
    )
  const numerator = n * (sum(a, a, true) + sum(b, b, true)) - 2n * (n - 1n) * sum(a, b, false)
  return Number(numerator) / Number(n * n * (n - 1n)) / 1024 ** 6
}
