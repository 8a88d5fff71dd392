import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as fc from "fast-check"
import sharp from "sharp"
import { type Picture, plainPicture, white } from "../../../src/domain/figure/Picture.ts"
import { Pictures } from "../../../src/layers/figure/Pictures.ts"
import { layerSharp } from "../../../src/layers/figure/sharp.ts"

const layer = Layer.provideMerge(layerSharp, NodeServices.layer)

const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "fovea-pictures-" })
)

const read = (path: string) =>
  Effect.promise(async (): Promise<Picture> => {
    const { channels: found, depth, format } = await sharp(path).metadata()
    assert.deepStrictEqual([format, depth], ["png", "uchar"])
    const channels = found === 1 ? 1 : 3
    // Grey would come back as RGB without saying so.
    const image = sharp(path).toColourspace(channels === 1 ? "b-w" : "srgb")
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    assert.deepStrictEqual([found, info.channels], [channels, channels])
    return { width: info.width, height: info.height, channels, pixels: new Uint8Array(data) }
  })

const pictures = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    channels: fc.constantFrom(1 as const, 3 as const)
  })
  .chain((size) => {
    const length = size.width * size.height * size.channels
    return fc.uint8Array({ minLength: length, maxLength: length }).map((pixels) => ({ ...size, pixels }))
  })

describe("layerSharp", () => {
  it.live("writes PNG files that hold exactly the picture's pixels, the same bytes each time", () =>
    Effect.gen(function* () {
      const { writePng } = yield* Pictures
      const fs = yield* FileSystem.FileSystem
      const folder = yield* newFolder
      for (const picture of fc.sample(pictures, { numRuns: 30, seed: 11 })) {
        const [first, second] = [`${folder}/made/if/missing/a.png`, `${folder}/b.png`]
        yield* writePng(first, picture)
        yield* writePng(second, picture)
        assert.deepStrictEqual(yield* read(first), picture)
        assert.deepStrictEqual(yield* fs.readFile(first), yield* fs.readFile(second))
      }
      // Nothing temporary is left beside them.
      assert.deepStrictEqual((yield* fs.readDirectory(folder)).sort(), ["b.png", "made"])
    }).pipe(Effect.provide(layer))
  )

  it.live("fails for a picture whose pixels do not fill it, and leaves the old file", () =>
    Effect.gen(function* () {
      const { writePng } = yield* Pictures
      const path = `${yield* newFolder}/a.png`
      const old = plainPicture(3, 2, white)
      yield* writePng(path, old)
      const error = yield* Effect.flip(writePng(path, { ...old, width: 4 }))
      assert.strictEqual(error._tag, "PictureError")
      assert.include(error.message, `The picture ${path} was not written: sharp refused it: `)
      assert.deepStrictEqual(yield* read(path), old)
    }).pipe(Effect.provide(layer))
  )

  it.live("fails where no file can be", () =>
    Effect.gen(function* () {
      const { writePng } = yield* Pictures
      const path = `${yield* newFolder}/a.png`
      yield* writePng(path, plainPicture(1, 1, white))
      const error = yield* Effect.flip(writePng(`${path}/b.png`, plainPicture(1, 1, white)))
      assert.strictEqual(error.path, `${path}/b.png`)
      assert.include(error.reason, "cannot be written")
    }).pipe(Effect.provide(layer))
  )

  it.live("writes SVG as it is, and draws it", () =>
    Effect.gen(function* () {
      const { writeSvg, writeSvgAsPng } = yield* Pictures
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
})
