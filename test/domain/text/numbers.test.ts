import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  formatCount,
  formatMedian,
  formatNumber,
  formatShare,
  formatWithError
} from "../../../src/domain/text/numbers.ts"

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

/** The number that a formatted text says. */
const readNumber = (text: string): number => {
  const [mantissa = "", power = "10⁰"] = text.replaceAll(",", "").replace("−", "-").split(" × ")
  const digits = [...power.slice(2)]
    .map((digit) => (digit === "⁻" ? "-" : String(superscripts.indexOf(digit))))
    .join("")
  return Number(mantissa) * 10 ** Number(digits)
}

const finite = fc
  .tuple(fc.double({ min: 0.001, max: 10, noNaN: true }), fc.integer({ min: -12, max: 12 }))
  .chain(([mantissa, exponent]) => fc.constantFrom(1, -1).map((sign) => sign * mantissa * 10 ** exponent))

describe("formatNumber", () => {
  it("writes three significant digits", () => {
    const cases: ReadonlyArray<readonly [number, string]> = [
      [0, "0"],
      [-0, "0"],
      [12, "12"],
      [24500, "24,500"],
      [1234567, "1.23 × 10⁶"],
      [12345.6, "12,300"],
      [0.98765, "0.988"],
      [0.9996, "1.00"],
      [9.996, "10.0"],
      [-1.23456, "−1.23"],
      [0.000123456, "0.000123"],
      [0.0000123456, "1.23 × 10⁻⁵"],
      [Number.NaN, "not a number"],
      [Number.POSITIVE_INFINITY, "∞"],
      [Number.NEGATIVE_INFINITY, "−∞"]
    ]
    for (const [value, text] of cases) assert.strictEqual(formatNumber(value), text)
  })

  it("is off by less than half of the third digit, for any number", () => {
    fc.assert(
      fc.property(finite, (value) => {
        assert.isAtMost(Math.abs(readNumber(formatNumber(value)) - value), 0.00501 * Math.abs(value))
      }),
      { numRuns: 500 }
    )
  })
})

describe("formatMedian", () => {
  it("says the middle, the least and the greatest, in any order, as exactly as these lie apart", () => {
    assert.strictEqual(formatMedian([144.2, 60.4, 76]), "76 (60 to 144)")
    assert.strictEqual(formatMedian([0.9412, 0.9521, 0.9313, 0.9452]), "0.943 (0.931 to 0.952)")
    assert.strictEqual(formatMedian([-1, 1]), "0.0 (−1.0 to 1.0)")
    assert.strictEqual(formatMedian([12_345, 67_890]), "40,000 (12,000 to 68,000)")
  })

  it("of one number, or of equal ones, is that number; what is none is said so", () => {
    assert.strictEqual(formatMedian([0.5]), "0.500")
    assert.strictEqual(formatMedian([7, 7, 7]), "7")
    assert.strictEqual(formatMedian([]), "not a number")
    assert.strictEqual(formatMedian([1, Number.POSITIVE_INFINITY]), "∞ (1 to ∞)")
  })
})

describe("formatWithError", () => {
  it("gives the error two digits and the value as many decimals", () => {
    assert.strictEqual(formatWithError(12.3456, 0.5678), "12.35 ± 0.57")
    assert.strictEqual(formatWithError(0.9631, 0.0041), "0.9631 ± 0.0041")
    assert.strictEqual(formatWithError(489.6, 131), "490 ± 130")
    assert.strictEqual(formatWithError(1, 0.0996), "1.00 ± 0.10")
    assert.strictEqual(formatWithError(-0.001, 0.2), "0.00 ± 0.20")
    assert.strictEqual(formatWithError(0.123456, 0), "0.123")
    assert.strictEqual(formatWithError(1, 3.7e-17), "1")
    assert.strictEqual(formatWithError(0.123456, Number.NaN), "0.123 ± not a number")
    assert.strictEqual(formatWithError(2.34567, 1e-9), "2.35 ± 1.00 × 10⁻⁹")
  })

  it("hides nothing that the error leaves certain", () => {
    const errors = fc.double({ min: 1e-5, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), errors, (value, error) => {
        const [first = "", second = ""] = formatWithError(value, error).split(" ± ")
        assert.isAtMost(Math.abs(readNumber(second) - error), 0.0501 * error)
        assert.isAtMost(Math.abs(readNumber(first) - value), 0.0501 * error + 1e-9)
      }),
      { numRuns: 500 }
    )
  })
})

it("counts have all their digits, shares are in per cent", () => {
  assert.strictEqual(formatCount(1234567), "1,234,567")
  assert.strictEqual(formatShare(0.99214), "99.2%")
})
