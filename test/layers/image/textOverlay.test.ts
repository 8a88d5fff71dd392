import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import sharp from "sharp"
import { type PlacedText, textWidth } from "../../../src/domain/image/caption.ts"
import { plainRaster, white } from "../../../src/domain/image/Raster.ts"
import { textOverlay } from "../../../src/layers/image/textOverlay.ts"

const [width, height] = [700, 60]
const raster = plainRaster(width, height, white)

/** Where ink is, in pixels of a drawn overlay; nothing where there is none. */
const foregroundOf = (text: PlacedText) =>
  Effect.promise(async () => {
    const { data, info } = await sharp(Buffer.from(textOverlay({ raster, texts: [text] })))
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    assert.deepStrictEqual([info.width, info.height, info.channels], [width, height, 4])
    const at = Array.from({ length: width * height }, (_, i) => i).filter((i) => (data[i * 4 + 3] ?? 0) > 60)
    if (at.length === 0) return undefined
    const xs = at.map((i) => i % width)
    const ys = at.map((i) => Math.floor(i / width))
    return { left: Math.min(...xs), right: Math.max(...xs) + 1, top: Math.min(...ys), bottom: Math.max(...ys) + 1 }
  })

const line = { x: 0, y: 40, size: 16, anchor: "start", bold: false } as const

describe("textOverlay", () => {
  it.live("writes no text wider than textWidth says, in regular and bold", () =>
    Effect.gen(function* () {
      const texts = [
        "In each row only the latent zₜ of the step named at its left is drawn.",
        "z₁ drawn from N(0, 10,000²)",
        "Figure 10: latents from an unsuitable distribution",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 %",
        "mmmmmmmmwwwwwwww=~+–— iiiillll"
      ]
      for (const text of texts) {
        for (const bold of [false, true]) {
          const ink = yield* foregroundOf({ ...line, text, bold })
          // A machine without fonts writes nothing.
          if (ink === undefined) continue
          assert.isAtMost(ink.right, Math.ceil(textWidth(text, line.size, bold)), text)
        }
      }
    })
  )

  it.live("places texts by their anchor and by the line they stand on", () =>
    Effect.gen(function* () {
      const at = (anchor: PlacedText["anchor"]) => foregroundOf({ ...line, text: "HH", x: 300, anchor })
      const [start, middle, end] = [yield* at("start"), yield* at("middle"), yield* at("end")]
      if (start === undefined || middle === undefined || end === undefined) return
      assert.closeTo(start.left, 300, 3)
      assert.closeTo((middle.left + middle.right) / 2, 300, 1)
      assert.closeTo(end.right, 300, 3)
      // Capitals are about 0.7 of the font's size high.
      assert.closeTo(start.bottom, 40, 1)
      assert.closeTo(start.bottom - start.top, 0.72 * 16, 1.5)
    })
  )

  it.live("takes every character", () =>
    Effect.gen(function* () {
      const text = '<b> & "quotes" \u0000\u0007 ]]> é 注視'
      const svg = textOverlay({ raster, texts: [{ ...line, text }] })
      assert.include(svg, '&lt;b&gt; &amp; "quotes"  ]]&gt; é 注視</text>')
      yield* foregroundOf({ ...line, text })
    })
  )
})
