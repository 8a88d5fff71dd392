import { assert, describe, it } from "@effect/vitest"
import { binarised } from "../../../src/domain/nn/binarise.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

const shades = [0, 0.2, 0.5, 0.9, 1]
const rows = 20_000
const images = placeholder("images", [rows, shades.length])
const numbers = {
  images: Float64Array.from({ length: rows * shades.length }, (_, i) => shades[i % shades.length] ?? 0)
}
const drawn = (seed: number, step: number, stream = "b") =>
  evaluateOne(binarised(images, stream), numbers, { seed, step })

describe("binarised", () => {
  it("is 1 as often as each value says, and else 0; never for 0, always for 1", () => {
    const values = drawn(1, 0)
    assert.isTrue(values.every((value) => value === 0 || value === 1))
    shades.forEach((shade, column) => {
      const share =
        values.filter((_, i) => i % shades.length === column).reduce((total, value) => total + value, 0) / rows
      // Five standard errors; none at 0 and 1.
      assert.isAtMost(Math.abs(share - shade), 5 * Math.sqrt((shade * (1 - shade)) / rows), `at ${shade}`)
    })
  })

  it("is drawn afresh at each step, and is the same for the same seed, step and stream", () => {
    assert.deepStrictEqual(drawn(1, 7), drawn(1, 7))
    for (const other of [drawn(1, 8), drawn(2, 7), drawn(1, 7, "c")]) assert.notDeepEqual(other, drawn(1, 7))
  })
})
