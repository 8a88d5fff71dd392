import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import sharp from "sharp"
import { imageFileFormat } from "../../../src/domain/image/imageFile.ts"

const blank = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 200, g: 30, b: 30, alpha: 0.5 } } })

const sizes = fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 300 }))

describe("imageFileFormat", () => {
  it("reads the size of what a real encoder wrote, in each of WebP's three forms", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([width, height]) => {
        const files = [
          ["image/png", await blank(width, height).png().toBuffer()],
          ["image/webp", await blank(width, height).webp({ lossless: true }).toBuffer()],
          ["image/webp", await blank(width, height).webp({ quality: 50 }).toBuffer()],
          ["image/webp", await blank(width, height, 4).webp({ quality: 50 }).toBuffer()]
        ] as const
        for (const [mediaType, bytes] of files) {
          assert.deepStrictEqual(imageFileFormat(bytes), Result.succeed({ mediaType, width, height }))
        }
      }),
      { numRuns: 10 }
    )
  })

  it("refuses anything else, and says what it is", () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    assert.deepStrictEqual(imageFileFormat(bytes("<svg/>")), Result.fail("is neither PNG nor WebP"))
    assert.deepStrictEqual(imageFileFormat(new Uint8Array()), Result.fail("is neither PNG nor WebP"))
    assert.deepStrictEqual(imageFileFormat(bytes("RIFF....WEBPVP8L")), Result.fail("is a WebP cut short in its header"))
  })

  it("takes no prefix of a header for an image, and never throws", async () => {
    const files = [await blank(9, 5).png().toBuffer(), await blank(9, 5, 4).webp().toBuffer()]
    for (const file of files) {
      for (let length = 0; length < 24; length++) {
        assert.isTrue(Result.isFailure(imageFileFormat(file.subarray(0, length))), `${length} bytes`)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => Result.isFailure(imageFileFormat(noise))))
  })
})
