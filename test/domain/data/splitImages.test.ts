import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { splitImages } from "../../../src/domain/data/splitImages.ts"

const settings = fc.record({
  split: fc.constantFrom("random", "last"),
  splitSeed: fc.nat(100),
  validation: fc.option(fc.nat(20), { nil: undefined }),
  test: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined })
} as const)

describe("splitImages", () => {
  it("puts every image into exactly one split, as many as are asked for", () => {
    fc.assert(
      fc.property(fc.nat(100), settings, (count, given) => {
        const split = splitImages(count, given)
        const sixth = Math.floor(count / 6)
        const [validation, test] = [given.validation ?? sixth, given.test ?? Math.max(1, sixth)]
        assert.strictEqual(Result.isSuccess(split), validation + test < count)
        if (Result.isFailure(split)) return
        const all = [split.success.training, split.success.validation, split.success.test].map((part) => [...part])
        assert.deepStrictEqual(
          all.map((part) => part.length),
          [count - validation - test, validation, test]
        )
        const flat = all.flat()
        const inOrder = Array.from({ length: count }, (_, i) => i)
        assert.deepStrictEqual(
          [...flat].sort((a, b) => a - b),
          inOrder
        )
        if (given.split === "last") assert.deepStrictEqual(flat, inOrder)
        assert.deepStrictEqual(splitImages(count, given), split)
      })
    )
  })

  it("depends on its seed, and says what leaves nothing for training", () => {
    const first = Result.getOrThrow(splitImages(60, { splitSeed: 1 }))
    assert.notDeepEqual(Result.getOrThrow(splitImages(60, { splitSeed: 2 })), first)
    assert.strictEqual(
      Result.getOrThrow(Result.flip(splitImages(1, {}))),
      "of 1 image, 0 for validation and 1 for testing leave none for training"
    )
    assert.strictEqual(
      Result.getOrThrow(Result.flip(splitImages(2, { validation: 1, test: 1 }))),
      "of 2 images, 1 for validation and 1 for testing leave none for training"
    )
  })
})
