import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { openManifest, sealManifest } from "../../../src/domain/checkpoint/Manifest.ts"
import { manifest } from "./exampleManifest.ts"

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Any JSON value; the trip through text turns -0 into the 0 that JSON.stringify writes. */
const json = fc
  .jsonValue()
  .map((value) => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes("__proto__"))

describe("sealManifest", () => {
  it("is JSON that ends with a digest of everything before it", () => {
    const text = sealManifest(manifest, digestOf)
    const { seal, ...rest } = JSON.parse(text)
    assert.deepStrictEqual(rest, manifest)
    assert.strictEqual(seal, digestOf(text.slice(0, text.lastIndexOf(',\n  "seal"'))))
  })

  it("opens to the same manifest, whatever the settings", () => {
    fc.assert(
      fc.property(json, (settings) => {
        const sealed = { ...manifest, settings }
        assert.deepStrictEqual(Result.getOrThrow(openManifest(sealManifest(sealed, digestOf), digestOf)), sealed)
      })
    )
  })

  it("notices every changed, missing or added character", () => {
    const text = sealManifest(manifest, digestOf)
    for (let at = 0; at < text.length; at++) {
      const swapped = text[at] === " " ? "\t" : " "
      for (const replacement of [swapped, "", `${text[at]} `]) {
        const result = openManifest(text.slice(0, at) + replacement + text.slice(at + 1), digestOf)
        assert(Result.isFailure(result), `a change at ${at} went unnoticed`)
        assert.strictEqual(result.failure.reason, "Damaged")
      }
    }
  })

  it("tells a manifest of another format from a damaged one", () => {
    const body = '{\n  "format": 2,\n  "surprise": true'
    const result = openManifest(`${body},\n  "seal": "${digestOf(body)}"\n}\n`, digestOf)
    assert(Result.isFailure(result))
    assert.strictEqual(result.failure.reason, "Incompatible")
  })

  it("refuses a validly sealed text that is not JSON", () => {
    const body = '{\n  "format": '
    const result = openManifest(`${body},\n  "seal": "${digestOf(body)}"\n}\n`, digestOf)
    assert(Result.isFailure(result))
    assert.include(result.failure.message, "expected JSON")
  })
})
