import { assert, describe, it } from "@effect/vitest"
import { anyBatch } from "../../../../src/domain/tensor/anyBatch.ts"
import { add, multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { ProgramError } from "../../../../src/domain/tensor/Program.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import {
  type DropoutMasks,
  type LatentInput,
  latentInputs,
  latentPlaceholder,
  withExplicitNoise
} from "../../../../src/domain/tensor/rewrite/explicitNoise.ts"
import { bernoulliNoise, normalNoise, placeholder, uniformNoise } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { listOf } from "../../../support/numbers.ts"

const normal: LatentInput["distribution"] = { kind: "normal" }

/** A player's draw: a batch in front, a batch behind another axis, and a mask. */
const draw = (batch: number): ReadonlyArray<Tensor> => [
  normalNoise("player/z", [batch, 3]),
  uniformNoise("player/steps", [4, batch, 2]),
  bernoulliNoise("player/mask", 0.25, [batch]),
  normalNoise("shared", [batch])
]

const namesOf = (dropout: DropoutMasks) => latentInputs(draw(anyBatch), "player", dropout).map(({ name }) => name)

describe("latentInputs", () => {
  it("names each stream without its player's prefix, with the axis of the batch and the other sizes", () => {
    const [z, steps] = latentInputs(draw(anyBatch), "player", "inputs")
    assert.deepStrictEqual(z, { name: "z", stream: "player/z", distribution: normal, batchAxis: 0, sizes: [3] })
    assert.deepStrictEqual([steps?.batchAxis, steps?.sizes, steps?.distribution.kind], [1, [4, 2], "uniform"])
  })

  it("leaves out masks of dropout where they are their mean, and nothing else", () => {
    assert.deepStrictEqual(namesOf("inputs"), ["z", "steps", "mask", "shared"])
    assert.deepStrictEqual(namesOf("mean"), ["z", "steps", "shared"])
  })

  it("looks for noise wherever it is used", () => {
    const used = (batch: number) => [multiply(add(normalNoise("z", [batch]), 1), placeholder("x", [batch]))]
    assert.deepStrictEqual(
      latentInputs(used(anyBatch), "", "inputs").map(({ name }) => name),
      ["z"]
    )
  })

  it("refuses noise whose size does not grow with the batch along exactly one axis", () => {
    for (const shapeOf of [
      () => [3],
      (batch: number) => [batch, batch],
      (batch: number) => [2 * batch],
      (batch: number) => [batch + 1, 2]
    ]) {
      assert.throws(
        () => latentInputs([normalNoise("z", shapeOf(anyBatch))], "player", "inputs"),
        ProgramError,
        /noise stream "z" \[(3|batch, batch|2 batch|batch \+ 1, 2)\]: one axis must be the batch/
      )
    }
  })
})

describe("withExplicitNoise", () => {
  const options = { prefix: "player", dropout: "inputs", batch: 2 } as const
  const inputs = latentInputs(draw(anyBatch), "player", "inputs")

  it("puts an input in the place of each noise, its batch where the noise had it", () => {
    const noise = draw(2)
    const given = withExplicitNoise(noise, inputs, options)
    assert.deepStrictEqual(
      given.map(({ shape }) => shape),
      noise.map(({ shape }) => shape)
    )
    const steps = Float64Array.from({ length: 16 }, (_, i) => i)
    const [, turned = noise[1]] = given
    assert.isDefined(turned)
    if (turned === undefined) return
    // steps[b, t, k] at [t, b, k]
    const expected = [0, 1, 2, 3].flatMap((t) => [0, 1].flatMap((b) => [0, 1].map((k) => 8 * b + 2 * t + k)))
    assert.deepStrictEqual(listOf(turned, { steps }), expected)
  })

  it("keeps the order of the axes before and behind the batch", () => {
    const [input] = latentInputs([normalNoise("z", [2, 3, anyBatch, 4, 5])], "", "inputs")
    assert(input !== undefined)
    assert.deepStrictEqual(input.sizes, [2, 3, 4, 5])
    const [given] = withExplicitNoise([normalNoise("z", [2, 3, 7, 4, 5])], [input], { ...options, batch: 7 })
    assert.deepStrictEqual(given?.shape, [2, 3, 7, 4, 5])
    assert.match(printExpressions(given === undefined ? [] : [given]), /permutation: \[1, 2, 0, 3, 4\]/)
  })

  it("makes masks their probability where dropout is its mean, and only masks", () => {
    const [z, , mask] = withExplicitNoise(draw(2), inputs, { ...options, dropout: "mean" })
    assert.deepStrictEqual(listOf(mask ?? placeholder("none", []), {}), [0.25, 0.25])
    assert.strictEqual(z?.op, "placeholder")
    const [asInput] = withExplicitNoise([bernoulliNoise("player/mask", 0.25, [2])], inputs, options)
    assert.strictEqual(asInput?.op, "placeholder")
  })

  it("leaves alone what is no noise, and refuses noise that is no input", () => {
    const x = placeholder("x", [2])
    assert.strictEqual(withExplicitNoise([x], inputs, options)[0], x)
    assert.throws(
      () => withExplicitNoise([normalNoise("other", [2])], inputs, options),
      ProgramError,
      'noise stream "other" is not drawn for every batch'
    )
  })
})

describe("latentPlaceholder", () => {
  it("has the batch first", () => {
    const { shape } = latentPlaceholder(
      { name: "z", stream: "z", distribution: normal, batchAxis: 1, sizes: [3, 4] },
      9
    )
    assert.deepStrictEqual(shape, [9, 3, 4])
  })
})
