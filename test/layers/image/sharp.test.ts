import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as fc from "fast-check"
import sharp from "sharp"
import { plainRaster, type Raster, toRgb, white } from "../../../src/domain/image/Raster.ts"
import { ImageWriter } from "../../../src/layers/image/ImageWriter.ts"
import { layerSharp } from "../../../src/layers/image/sharp.ts"
import { textOverlay } from "../../../src/layers/image/textOverlay.ts"

const layer = Layer.provideMerge(layerSharp, NodeServices.layer)

const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "fovea-pictures-" })
)

const read = (path: string) =>
  Effect.promise(async (): Promise<Raster> => {
    const { channels: found, depth, format } = await sharp(path).metadata()
    assert.deepStrictEqual([format, depth], ["png", "uchar"])
    const channels = found === 1 ? 1 : 3
    // Grey would come back as RGB without saying so.
    const image = sharp(path).toColourspace(channels === 1 ? "b-w" : "srgb")
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    assert.deepStrictEqual([found, info.channels], [channels, channels])
    return { width: info.width, height: info.height, channels, pixels: new Uint8Array(data) }
  })

const rasters = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    channels: fc.constantFrom(1 as const, 3 as const)
  })
  .chain((size) => {
    const length = size.width * size.height * size.channels
    return fc.uint8Array({ minLength: length, maxLength: length }).map((pixels) => ({ ...size, pixels }))
  })

/** An image of this size that looks like noise. */
const randomImage = (width: number, height: number, channels: 1 | 3): Raster => ({
  width,
  height,
  channels,
  pixels: Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7919 + (i >> 5) * 31) % 200)
})

describe("layerSharp", () => {
  it.live("writes PNG files that hold exactly the image's pixels, the same bytes each time", () =>
    Effect.gen(function* () {
      const { writePng } = yield* ImageWriter
      const fs = yield* FileSystem.FileSystem
      const folder = yield* newFolder
      for (const raster of fc.sample(rasters, { numRuns: 30, seed: 11 })) {
        const [first, second] = [`${folder}/made/if/missing/a.png`, `${folder}/b.png`]
        yield* writePng(first, raster)
        yield* writePng(second, raster)
        assert.deepStrictEqual(yield* read(first), raster)
        assert.deepStrictEqual(yield* fs.readFile(first), yield* fs.readFile(second))
      }
      // Nothing temporary is left beside them.
      assert.deepStrictEqual((yield* fs.readDirectory(folder)).sort(), ["b.png", "made"])
    }).pipe(Effect.provide(layer))
  )

  it.live("fails for an image whose pixels do not fill it, and leaves the old file", () =>
    Effect.gen(function* () {
      const { writePng } = yield* ImageWriter
      const path = `${yield* newFolder}/a.png`
      const old = plainRaster(3, 2, white)
      yield* writePng(path, old)
      const error = yield* Effect.flip(writePng(path, { ...old, width: 4 }))
      assert.strictEqual(error._tag, "ImageWriteError")
      assert.include(error.message, `The image ${path} was not written: sharp refused it: `)
      assert.deepStrictEqual(yield* read(path), old)
    }).pipe(Effect.provide(layer))
  )

  it.live("fails where no file can be", () =>
    Effect.gen(function* () {
      const { writePng } = yield* ImageWriter
      const path = `${yield* newFolder}/a.png`
      yield* writePng(path, plainRaster(1, 1, white))
      const error = yield* Effect.flip(writePng(`${path}/b.png`, plainRaster(1, 1, white)))
      assert.strictEqual(error.path, `${path}/b.png`)
      assert.include(error.reason, "cannot be written")
    }).pipe(Effect.provide(layer))
  )

  it.live("writes SVG as it is, and draws it", () =>
    Effect.gen(function* () {
      const { writeSvg, writeSvgAsPng } = yield* ImageWriter
      const fs = yield* FileSystem.FileSystem
      const folder = yield* newFolder
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2" fill="#ff8000"/></svg>'
      yield* writeSvg(`${folder}/a.svg`, svg)
      assert.strictEqual(yield* fs.readFileString(`${folder}/a.svg`), svg)
      for (const scale of [1, 3]) {
        yield* writeSvgAsPng(`${folder}/a.png`, svg, scale)
        const { data, info } = yield* Effect.promise(() =>
          sharp(`${folder}/a.png`).removeAlpha().raw().toBuffer({ resolveWithObject: true })
        )
        assert.deepStrictEqual([info.width, info.height], [4 * scale, 2 * scale])
        assert.deepStrictEqual([...data.subarray(0, 3)], [255, 128, 0])
      }
      const error = yield* Effect.flip(writeSvgAsPng(`${folder}/b.png`, "no svg"))
      assert.include(error.message, "sharp refused it")
    }).pipe(Effect.provide(layer))
  )

  it.live("writes labelled images: exact where no text stands, with ink where one does, grey or coloured", () =>
    Effect.gen(function* () {
      const { writeLabelled } = yield* ImageWriter
      const path = `${yield* newFolder}/a.png`
      for (const channels of [1, 3] as const) {
        const raster = randomImage(200, 60, channels)
        const texts = [{ text: "HHHH", x: 10, y: 25, size: 20, anchor: "start", bold: true } as const]
        yield* writeLabelled(path, { raster, texts })
        const written = yield* read(path)
        assert.deepStrictEqual([written.width, written.height, written.channels], [200, 60, channels])
        const changed = Array.from(written.pixels.keys()).filter((i) => written.pixels[i] !== raster.pixels[i])
        for (const i of changed) {
          assert.isBelow(Math.floor(i / channels / 200), 30)
          assert.isBelow(Math.floor(i / channels) % 200, 100)
        }
        // Without any font on the machine there is no ink to be found.
        const deepMerge = sharp(Buffer.from(textOverlay({ raster, texts })))
        const { channels: bands } = yield* Effect.promise(() => deepMerge.stats())
        assert.strictEqual(changed.length > 100, (bands[3]?.max ?? 0) > 0)
        yield* writeLabelled(path, { raster, texts: [] })
        assert.deepStrictEqual(yield* read(path), raster)
      }
    }).pipe(Effect.provide(layer))
  )

  it.live("writes animations that hold exactly their frames and times, and begin again for ever", () =>
    Effect.gen(function* () {
      const { writeAnimation } = yield* ImageWriter
      const path = `${yield* newFolder}/a.webp`
      // Grey frames among coloured ones, and two alike after each other.
      const shown = [randomImage(31, 17, 3), randomImage(31, 17, 1), plainRaster(31, 17, white)]
      const all = [...shown, plainRaster(31, 17, white)]
      const times = [500, 40, 120, 3000]
      yield* writeAnimation(path, {
        frames: all.map((raster, i) => ({ raster, texts: [], milliseconds: times[i] ?? 0 }))
      })
      const { data, info } = yield* Effect.promise(() =>
        sharp(path, { animated: true }).raw().toBuffer({ resolveWithObject: true })
      )
      const { format, delay, loop, pages, pageHeight } = yield* Effect.promise(() =>
        sharp(path, { animated: true }).metadata()
      )
      assert.deepStrictEqual([format, loop, pageHeight, info.width], ["webp", 0, 17, 31])
      assert.strictEqual(pages, delay?.length)
      assert.strictEqual(
        delay?.reduce((total, time) => total + time, 0),
        times.reduce((total, time) => total + time, 0)
      )
      // An encoder may join frames that are alike; the three that differ are there, in order.
      const frame = 31 * 17 * 3
      shown.forEach((raster, i) => {
        const { pixels } = toRgb(raster)
        assert.deepStrictEqual(new Uint8Array(data.subarray(i * frame, (i + 1) * frame)), pixels)
      })
      assert.deepStrictEqual(delay?.slice(0, 2), [500, 40])
    }).pipe(Effect.provide(layer))
  )

  it.live("writes no animation of nothing, or of frames of unlike sizes", () =>
    Effect.gen(function* () {
      const { writeAnimation } = yield* ImageWriter
      const path = `${yield* newFolder}/a.webp`
      const frameOf = (width: number) => ({ raster: plainRaster(width, 2, white), texts: [], milliseconds: 10 })
      const none = yield* Effect.flip(writeAnimation(path, { frames: [] }))
      assert.include(none.message, "at least one frame")
      const unlike = yield* Effect.flip(writeAnimation(path, { frames: [frameOf(3), frameOf(4)] }))
      assert.include(unlike.message, "frame 0 is 3x2, frame 1 is 4x2")
      const fs = yield* FileSystem.FileSystem
      assert.isFalse(yield* fs.exists(path))
    }).pipe(Effect.provide(layer))
  )
})
