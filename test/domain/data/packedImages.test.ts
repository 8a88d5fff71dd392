import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type PackedImages, packImages, unpackImages } from "../../../src/domain/data/packedImages.ts"
import { sha256 } from "../../../src/layers/file/sha256.ts"

const images: PackedImages = {
  key: "k",
  channels: 3,
  height: 2,
  width: 1,
  files: ["a\n.png", "b/ü.png"],
  refused: [{ file: "c.png", problem: "no\npicture" }],
  pixels: Uint8Array.from({ length: 12 }, (_, i) => 10 + i)
}
const packed = packImages(images, sha256)

describe("packImages", () => {
  it("is read back as it was", () => {
    assert.deepStrictEqual(Result.getOrThrow(unpackImages(packed, sha256)), images)
  })

  it("is refused where its pixels are not as many as its first line states, whatever their digest", () => {
    const wide = { ...images, width: 2 }
    assert.strictEqual(
      Result.getOrThrow(Result.flip(unpackImages(packImages(wide, sha256), sha256))),
      "it holds 12 bytes of pixels where its first line states 24"
    )
    const full = { ...wide, pixels: new Uint8Array(24) }
    assert.deepStrictEqual(Result.getOrThrow(unpackImages(packImages(full, sha256), sha256)), full)
  })

  it("is refused where its first line is empty, or does not say why files were refused", () => {
    const problem = (text: string) =>
      Result.getOrThrow(Result.flip(unpackImages(new TextEncoder().encode(text), sha256)))
    assert.strictEqual(problem("\n"), "its first line does not describe images")
    const line = new TextDecoder().decode(packed.subarray(0, packed.indexOf(10)))
    assert.strictEqual(problem(`${line.replace('"problem"', '"other"')}\n`), "its first line does not describe images")
  })

  it("does not come through with any byte of the pixels changed, or cut short or longer", () => {
    const end = packed.indexOf(10)
    fc.assert(
      fc.property(
        fc.integer({ min: end + 1, max: packed.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const bytes = packed.slice()
          bytes[at] = (bytes[at] ?? 0) ^ change
          assert.isTrue(Result.isFailure(unpackImages(bytes, sha256)))
          assert.isTrue(Result.isFailure(unpackImages(packed.subarray(0, at), sha256)))
        }
      )
    )
    assert.isTrue(Result.isFailure(unpackImages(new Uint8Array([...packed, 0]), sha256)))
  })

  it.each([
    ["", "it has no first line"],
    ["text\n", "its first line does not describe images"],
    ['{"format":"fovea images 2"}\n', "its first line does not describe images"]
  ])("%j is refused", (text, problem) => {
    const read = unpackImages(new TextEncoder().encode(text), sha256)
    assert.strictEqual(Result.getOrThrow(Result.flip(read)), problem)
  })
})
