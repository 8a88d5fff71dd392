import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { cropping } from "../../../src/domain/data/cropping.ts"

const size = fc.record({ height: fc.integer({ min: 1, max: 500 }), width: fc.integer({ min: 1, max: 500 }) })
const rules = ["none", "centre", "pad", "stretch"] as const

describe("cropping", () => {
  it("takes a part within the image, and puts it within the result", () => {
    fc.assert(
      fc.property(fc.constantFrom(...rules), size, size, (rule, from, to) => {
        const { part, inner, left, top } = cropping(rule, from, to)
        for (const [start, length, room] of [
          [part.left, part.width, from.width],
          [part.top, part.height, from.height],
          [left, inner.width, to.width],
          [top, inner.height, to.height]
        ] as const) {
          assert.isTrue(Number.isInteger(start) && start >= 0 && length >= 1 && start + length <= room)
        }
      })
    )
  })

  it("cuts nothing off but by the rule centre, and fills the result but by the rule pad", () => {
    fc.assert(
      fc.property(size, size, (from, to) => {
        for (const rule of ["none", "pad", "stretch"] as const) {
          assert.deepStrictEqual(cropping(rule, from, to).part, { ...from, left: 0, top: 0 })
        }
        for (const rule of ["none", "centre", "stretch"] as const) {
          const { inner, left, top } = cropping(rule, from, to)
          assert.deepStrictEqual({ ...inner, left, top }, { ...to, left: 0, top: 0 })
        }
      })
    )
  })

  it("keeps the shape to within half a pixel, touches two edges, and stands in the middle", () => {
    fc.assert(
      fc.property(size, size, (from, to) => {
        const centre = cropping("centre", from, to).part
        assert.isTrue(centre.width === from.width || centre.height === from.height)
        const pad = cropping("pad", from, to)
        assert.isTrue(pad.inner.width === to.width || pad.inner.height === to.height)
        const middle = (start: number, length: number, room: number) => Math.abs(2 * start + length - room) <= 1
        assert.isTrue(middle(centre.left, centre.width, from.width) && middle(centre.top, centre.height, from.height))
        assert.isTrue(middle(pad.left, pad.inner.width, to.width) && middle(pad.top, pad.inner.height, to.height))
        // The side that is fitted is the nearest whole number to its true length, and at least 1.
        const nearest = (side: number, length: number) => Math.abs(side - Math.max(1, length)) <= 0.5 + 1e-9
        const fits = (inner: typeof from, room: typeof from, shape: typeof from) =>
          inner.width === room.width
            ? nearest(inner.height, Math.min(room.height, (room.width * shape.height) / shape.width))
            : nearest(inner.width, (room.height * shape.width) / shape.height)
        assert.isTrue(fits(centre, from, to), JSON.stringify({ centre, from, to }))
        assert.isTrue(fits(pad.inner, to, from), JSON.stringify({ pad, from, to }))
      })
    )
  })

  it("leaves out an odd pixel at the right and at the bottom, and puts odd room there", () => {
    const [square, flat, high] = [
      { height: 4, width: 4 },
      { height: 4, width: 5 },
      { height: 5, width: 4 }
    ]
    assert.deepStrictEqual(cropping("centre", flat, square).part, { ...square, left: 0, top: 0 })
    assert.deepStrictEqual(cropping("centre", high, square).part, { ...square, left: 0, top: 0 })
    assert.deepInclude(cropping("pad", square, flat), { left: 0, top: 0, inner: square })
    assert.deepInclude(cropping("pad", square, high), { left: 0, top: 0, inner: square })
    // Of three, one is on the left.
    assert.strictEqual(cropping("centre", { height: 4, width: 7 }, square).part.left, 1)
  })

  it("leaves an image of the wanted size as it is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...rules), size, (rule, same) => {
        const whole = { ...same, left: 0, top: 0 }
        assert.deepStrictEqual(cropping(rule, same, same), { part: whole, inner: same, left: 0, top: 0 })
      })
    )
  })
})
