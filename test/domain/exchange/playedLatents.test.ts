import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { latentParts } from "../../../src/domain/exchange/Playable.ts"
import { latentsBetween, latentsOfSeed, movedLatents } from "../../../src/domain/exchange/playedLatents.ts"
import { noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { noise } from "../../../src/domain/tensor/source.ts"
import type { Distribution } from "../../../src/domain/tensor/Tensor.ts"

const distributions: ReadonlyArray<Distribution> = [
  { kind: "normal" },
  { kind: "uniform" },
  { kind: "bernoulli", probability: 0.3 }
]
const normal: Distribution = { kind: "normal" }
const anyDistribution = fc.constantFrom(...distributions)
const anySizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 3 })
const anyRow = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 })

const lengthOf = (row: Float32Array): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))

describe("random numbers of a page", () => {
  it("are those of the first samples of a batch of 100, sample by sample", () =>
    fc.assert(
      fc.property(anyDistribution, anySizes, fc.nat(), fc.nat(), fc.constantFrom(1, 10, 100), (...drawn) => {
        const [distribution, sizes, axis, seed, count] = drawn
        const batchAxis = axis % (sizes.length + 1)
        const latent = { name: "z", stream: "sample/z", batchAxis, sizes, distribution }
        const rows = latentsOfSeed(latent, { seed, count })
        const whole = noise("sample/z", distribution, sizes.toSpliced(batchAxis, 0, 100))
        if (whole.op !== "noise") throw new Error("no noise")
        const all = noiseNumbers(whole, { seed, step: 0 })
        // Number i of the whole batch belongs to the sample that its index along the batch's axis names.
        const inner = sizes.slice(batchAxis).reduce((product, size) => product * size, 1)
        const rowsOfAll = Array.from({ length: 100 }, (): Array<number> => [])
        for (const [i, value] of all.entries()) rowsOfAll[Math.floor(i / inner) % 100]?.push(value)
        assert.deepStrictEqual([...rows], rowsOfAll.slice(0, count).flat())
      }),
      { numRuns: 40 }
    ))

  it("are refused for a number of samples that does not divide a batch", () => {
    const latent = { name: "z", stream: "z", batchAxis: 0, sizes: [2], distribution: normal }
    assert.throws(() => latentsOfSeed(latent, { seed: 1, count: 7 }), RangeError, /divides 100, not 7/)
  })

  it("stay what they are if nothing is moved, and lie at their mean without a spread", () => {
    const values = Float32Array.of(0.25, 0.5, 0.75)
    for (const distribution of distributions) {
      assert.strictEqual(movedLatents(distribution, values, { mean: 0, deviation: 1 }), values)
    }
    assert.deepStrictEqual([...movedLatents(normal, values, { mean: 2, deviation: 0 })], [2, 2, 2])
    assert.deepStrictEqual([...movedLatents({ kind: "uniform" }, values, { mean: 0, deviation: 0 })], [0.5, 0.5, 0.5])
    assert.deepStrictEqual([...movedLatents({ kind: "uniform" }, values, { mean: 0, deviation: 2 })], [0, 0.5, 1])
  })

  it("between two begin at one and end at the other", () =>
    fc.assert(
      fc.property(anyDistribution, anyRow, anyRow, (distribution, a, b) => {
        const [from, to] = [Float32Array.from(a), Float32Array.from(b)]
        assert.strictEqual(latentsBetween(distribution, from, to, 0), from)
        assert.strictEqual(latentsBetween(distribution, from, to, 1), to)
        for (const value of latentsBetween(distribution, from, to, 0.5)) assert.isFalse(Number.isNaN(value))
      })
    ))

  it("that are normal keep their length along the way", () => {
    const [a, b] = [Float32Array.of(3, 0, 0), Float32Array.of(0, 3, 0)]
    for (const share of [0.1, 0.5, 0.9]) {
      assert.approximately(lengthOf(latentsBetween(normal, a, b, share)), 3, 1e-6)
    }
    assert.deepStrictEqual([...latentsBetween({ kind: "uniform" }, a, b, 0.5)], [1.5, 1.5, 0])
  })
})

describe("parts of a page's random numbers", () => {
  const latent = (name: string, sizes: ReadonlyArray<number>) => ({
    name,
    stream: name,
    batchAxis: 0,
    sizes,
    distribution: normal
  })
  const playable = { title: "", origin: "", labels: [], output: { name: "images", kind: "images" } } as const

  it("are the steps of a drawing", () => {
    const parts = latentParts({ ...playable, latents: [latent("z", [3, 4])], steps: { count: 3, filters: 5 } })
    assert.deepStrictEqual(parts, [
      { latent: 0, from: 0, to: 4, label: "Step 1" },
      { latent: 0, from: 4, to: 8, label: "Step 2" },
      { latent: 0, from: 8, to: 12, label: "Step 3" }
    ])
  })

  it("are whole inputs elsewhere", () => {
    const labels = (latents: ReadonlyArray<ReturnType<typeof latent>>) =>
      latentParts({ ...playable, latents }).map(({ label, to }) => `${label} ${to}`)
    assert.deepStrictEqual(labels([latent("z", [5])]), ["All numbers 5"])
    assert.deepStrictEqual(labels([latent("code", [5]), latent("z", [2, 3])]), ["code 5", "z 6"])
  })
})
