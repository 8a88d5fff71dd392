import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { pngFault } from "../../../src/layers/image/pngFault.ts"

describe("pngFault", () => {
  it("finds nothing in what sharp writes, and every changed byte, cut and addition", async () => {
    const png = await sharp({ create: { width: 9, height: 7, channels: 3, background: "#b22" } })
      .png()
      .toBuffer()
    assert.isUndefined(pngFault(png))
    for (let at = 0; at < png.length; at++) {
      const bytes = Buffer.from(png)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      assert.isDefined(pngFault(bytes), `byte ${at}`)
      assert.isDefined(pngFault(png.subarray(0, at)), `cut at ${at}`)
    }
    assert.strictEqual(pngFault(Buffer.concat([png, Buffer.of(0)])), "1 bytes follow its end")
  })
})
