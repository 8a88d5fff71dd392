import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { profileMeaning } from "../../../src/domain/image/colourProfile.ts"
import { displayP3Primaries, iccProfile, type ProfileParts, srgbCurve } from "../../support/imageFiles.ts"

const converted = (profile: Uint8Array, samples: ReadonlyArray<number>, colours: 1 | 3, channels: number = colours) => {
  const meaning = profileMeaning(profile, colours)
  if (typeof meaning === "string") return meaning
  const found = Uint16Array.from(samples)
  meaning(found, channels)
  return [...found]
}

const encoded = (light: number) => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055)

describe("profileMeaning", () => {
  it.each<readonly [string, ProfileParts]>([
    ["a formula", {}],
    [
      "a table",
      {
        curve: Array.from({ length: 1024 }, (_, i) =>
          i / 1023 <= 0.04045 ? i / 1023 / 12.92 : ((i / 1023 + 0.055) / 1.055) ** 2.4
        )
      }
    ]
  ])("changes nothing for sRGB by %s, grey or in colour", (_, parts) => {
    assert.strictEqual(profileMeaning(iccProfile(parts), 3), "same")
    assert.strictEqual(profileMeaning(iccProfile({ ...parts, grey: true }), 1), "same")
  })

  it.each<readonly [string, ProfileParts["curve"], (x: number) => number]>([
    ["linear", 1, (x) => x],
    ["of gamma 1.8", 1.80078125, (x) => x ** 1.80078125],
    ["a table", [0, 0.25, 1], (x) => (x < 0.5 ? x / 2 : 0.25 + 1.5 * (x - 0.5))],
    ["without a table", [], (x) => x],
    ["the formula 0", { kind: 0, parameters: [2] }, (x) => x ** 2],
    ["the formula 1", { kind: 1, parameters: [2, 1.25, -0.25] }, (x) => (x >= 0.2 ? (1.25 * x - 0.25) ** 2 : 0)],
    ["the formula 2", { kind: 2, parameters: [2, 1, -0.25, 0.25] }, (x) => (x >= 0.25 ? (x - 0.25) ** 2 : 0) + 0.25],
    ["the formula 3", { kind: 3, parameters: [2, 1, 0, 0.5, 0.5] }, (x) => (x >= 0.5 ? x ** 2 : x / 2)],
    [
      "the formula 4",
      { kind: 4, parameters: [2, 0.5, 0, 0.25, 0.5, 0.25, 0.125] },
      (x) => (x >= 0.5 ? x ** 2 / 4 + 0.25 : x / 4 + 0.125)
    ]
  ])("applies a grey profile's curve: %s", (_, curve, light) => {
    const profile = iccProfile({ grey: true, ...(curve === undefined ? {} : { curve }) })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (sample) => {
        const [found = 0, opacity] = converted(profile, [sample, 77], 1, 2)
        assert.strictEqual(opacity, 77)
        assert.closeTo(Number(found), 65_535 * encoded(light(sample / 65_535)), 60)
      }),
      { numRuns: 30 }
    )
  })

  it("takes the curve of a grey profile for lightness where colours are named by it", () => {
    // Half of lightness is 18.4% of light, whose sRGB is 119 of 255.
    const [found] = converted(iccProfile({ grey: true, curve: 1, lightness: true }), [32_768], 1)
    assert.closeTo(Number(found) / 257, 118.9, 0.2)
  })

  it("brings Display P3 to sRGB, cutting off what that cannot show, and leaves transparency", () => {
    const profile = iccProfile({ curve: srgbCurve, primaries: displayP3Primaries })
    const found = converted(
      profile,
      [128, 128, 128, 9, 200, 100, 50, 9, 0, 255, 0, 9].map((v, i) => (i % 4 === 3 ? v : 257 * v)),
      3,
      4
    )
    assert.isArray(found)
    // By the matrices of CSS Color 4.
    const expected = [128, 128, 128, 9, 214.5, 93.5, 30.7, 9, 0, 255, 0, 9]
    for (const [i, value] of expected.entries()) {
      if (i % 4 === 3) assert.strictEqual(found[i], value)
      else assert.closeTo(Number(found[i]) / 257, value, 1.5, `sample ${i}`)
    }
  })

  it("means nothing where it is damaged or of another kind of image, and says where it has only tables", () => {
    const whole = iccProfile({ grey: true, curve: 1 })
    assert.isFunction(profileMeaning(whole, 1))
    assert.strictEqual(profileMeaning(whole, 3), "same")
    for (let length = 0; length < whole.length - 4; length += 7) {
      assert.strictEqual(profileMeaning(whole.subarray(0, length), 1), "same")
    }
    assert.strictEqual(profileMeaning(iccProfile({ tables: true }), 3), "tables")
  })

  it("survives any bytes in a profile's place", () => {
    const whole = iccProfile({ primaries: displayP3Primaries })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 100, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 6
        }),
        (changes) => {
          const profile = Buffer.from(whole)
          for (const [at, value] of changes) profile[at] = value
          const found = converted(profile, [0, 1000, 65_535], 3)
          assert.isTrue(found === "same" || found === "tables" || found.length === 3)
        }
      ),
      { numRuns: 100 }
    )
  })
})
