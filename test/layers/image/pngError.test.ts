import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { pngError } from "../../../src/layers/image/pngError.ts"

describe("pngError", () => {
  it("finds nothing in what sharp writes, and every changed byte, cut and addition", async () => {
    const png = await sharp({ create: { width: 9, height: 7, channels: 3, background: "#b22" } })
      .png()
      .toBuffer()
    assert.isUndefined(pngError(png))
    for (let at = 0; at < png.length; at++) {
      const bytes = Buffer.from(png)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      assert.isDefined(pngError(bytes), `byte ${at}`)
      assert.isDefined(pngError(png.subarray(0, at)), `cut at ${at}`)
    }
    assert.strictEqual(pngError(Buffer.concat([png, Buffer.of(0)])), "1 bytes follow its end")
  })
})
