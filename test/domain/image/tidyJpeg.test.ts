import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { tidyJpeg } from "../../../src/domain/image/tidyJpeg.ts"
import { withSegment } from "../../support/imageFiles.ts"

const noise = Uint8Array.from({ length: 24 * 16 * 3 }, (_, i) => (i * 7919 + i * i) % 251)
const encoded = (progressive: boolean) =>
  sharp(noise, { raw: { width: 24, height: 16, channels: 3 } })
    .jpeg({ quality: 90, progressive })
    .toBuffer()
const scanOf = (file: Buffer) => file.indexOf(Buffer.of(0xff, 0xda))

describe("tidyJpeg", () => {
  it("leaves alone what has nothing to be tidied, and what it cannot find its way through", async () => {
    for (const file of [await encoded(false), await encoded(true)]) {
      assert.isUndefined(tidyJpeg(file))
      for (let length = 2; length < scanOf(file); length++) tidyJpeg(file.subarray(0, length))
    }
    assert.isUndefined(tidyJpeg(Uint8Array.of(0xff, 0xd8)))
    assert.isUndefined(tidyJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xff)))
    assert.isUndefined(tidyJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 1)))
  })

  it("gives back the file before it was untidy", async () => {
    for (const file of [await encoded(false), await encoded(true)]) {
      const scan = scanOf(file)
      const strewn = Buffer.concat([
        file.subarray(0, scan),
        Buffer.of(7, 0xff, 0, 9, 0xff, 0xd0, 3),
        file.subarray(scan)
      ])
      assert.deepStrictEqual(Buffer.from(tidyJpeg(strewn) ?? []), file)
    }
    const file = await encoded(false)
    const wrong = Buffer.from(file)
    wrong.set([1, 0, 5], scanOf(file) + 11)
    assert.deepStrictEqual(Buffer.from(tidyJpeg(wrong) ?? []), file)
  })

  it("takes an unknown colour transform for the usual one", async () => {
    const file = await encoded(false)
    const adobe = (transform: number) =>
      withSegment(file, 0xee, Buffer.from([...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, transform]))
    assert.deepStrictEqual(Buffer.from(tidyJpeg(adobe(9)) ?? []), adobe(1))
    assert.isUndefined(tidyJpeg(adobe(0)))
  })
})
