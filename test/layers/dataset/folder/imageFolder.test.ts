import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import sharp from "sharp"
import { layerImageFolder } from "../../../../src/layers/dataset/folder/imageFolder.ts"
import { blue, green, grey, inFolder, loaded, type Options, red, solid, write } from "../../../support/imageFolders.ts"
import { datasetContract } from "../datasetContract.ts"

describe("layerImageFolder", () => {
  it.effect("reads PNG, JPEG and WebP in colour, the last images for validation and test", () =>
    inFolder({ "a.png": red, "b.webp": green, "c.jpg": blue, ".hidden": "no image" }, (folder) =>
      Effect.gen(function* () {
        const { name, training, validation, test } = yield* loaded(folder, { split: "last", validation: 1, test: 1 })
        assert.match(name, /^folder:fovea-pictures-/)
        for (const split of [training, validation, test]) {
          assert.deepStrictEqual([split.count, split.channels, split.height, split.width], [1, 3, 4, 6])
          assert.isUndefined(split.labels)
        }
        const planes = (pixels: Uint8Array) => [pixels[0], pixels[24], pixels[48]]
        assert.deepStrictEqual(planes(training.pixels), [255, 0, 0])
        assert.deepStrictEqual(planes(validation.pixels), [0, 255, 0])
        const [r = 255, g = 255, b = 0] = planes(test.pixels)
        assert.isTrue(r <= 2 && g <= 2 && b >= 253)
      })
    )
  )

  it.effect("keeps grey images grey and exact, and makes colours grey or grey coloured if asked", () =>
    inFolder({ "a.png": grey(2, 3, (i) => 40 * i), "b.png": grey(2, 3, (i) => 200 - i) }, (folder) =>
      Effect.gen(function* () {
        const { training } = yield* loaded(folder, { split: "last" })
        assert.deepStrictEqual([training.channels, training.height, training.width], [1, 2, 3])
        assert.deepStrictEqual(training.pixels, Uint8Array.of(0, 40, 80, 120, 160, 200))
        const inColour = (yield* loaded(folder, { split: "last", channels: "colour" })).training
        assert.deepStrictEqual(
          inColour.pixels,
          Uint8Array.from({ length: 18 }, (_, i) => 40 * (i % 6))
        )
        yield* write(folder, { "a.png": solid(2, 3, [255, 0, 0]).png().toBuffer() })
        const made = (yield* loaded(folder, { split: "last", channels: "grey" })).training
        assert.deepStrictEqual(made.pixels, new Uint8Array(6).fill(Math.round(0.2126 * 255)))
      })
    )
  )

  it.effect("gives the same data, by digest and order, whether names are composed or not", () =>
    Effect.gen(function* () {
      const files = { "z.png": red, "\u00e9a.png": green, "e\u0301b.png": blue, "f.png": red }
      const digests = (form: "NFC" | "NFD") =>
        inFolder(
          Object.fromEntries(Object.entries(files).map(([name, file]) => [name.normalize(form), file])),
          (folder) => Effect.map(loaded(folder), (data) => data.digests)
        )
      assert.deepStrictEqual(yield* digests("NFC"), yield* digests("NFD"))
    })
  )

  it.effect("crops and resizes by its rule, and turns images the right way up", () => {
    // Left half white, right half black; then the same lying on its side, as a camera stores it.
    const halves = (i: number) => (i % 8 < 4 ? 255 : 0)
    const lying = grey(4, 8, halves).then((png) => sharp(png).withMetadata({ orientation: 6 }).png().toBuffer())
    return inFolder({ "a.png": grey(4, 8, halves), "b.png": grey(4, 8, halves) }, (folder) =>
      Effect.gen(function* () {
        const first = (options: Options) =>
          Effect.map(loaded(folder, { split: "last", validation: 0, test: 1, ...options }), ({ training }) => [
            ...training.pixels
          ])
        const rows = (count: number, row: ReadonlyArray<number>) => Array.from({ length: count }, () => row).flat()
        assert.deepStrictEqual(yield* first({ height: 4, width: 4, crop: "centre" }), rows(4, [255, 255, 0, 0]))
        assert.deepStrictEqual(yield* first({ height: 8, width: 8, crop: "pad" }), [
          ...rows(2, new Array<number>(8).fill(0)),
          ...rows(4, [255, 255, 255, 255, 0, 0, 0, 0]),
          ...rows(2, new Array<number>(8).fill(0))
        ])
        const small = yield* first({ height: 2, width: 4 })
        assert.isTrue(small.every((value, i) => Math.abs(value - (i % 4 < 2 ? 255 : 0)) < 40))
        assert.lengthOf(yield* first({ height: 3, width: 5, crop: "stretch" }), 15)
        yield* write(folder, { "a.png": lying, "b.png": lying })
        const turned = yield* loaded(folder, { split: "last", validation: 0, test: 1, channels: "grey" })
        assert.deepStrictEqual([turned.training.height, turned.training.width], [8, 4])
        assert.deepStrictEqual(
          [...turned.training.pixels],
          [...rows(4, [255, 255, 255, 255]), ...rows(4, [0, 0, 0, 0])]
        )
      })
    )
  })
})

describe("a folder of images", () => {
  datasetContract(
    Layer.unwrap(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-contract-" })
        yield* write(directory, { "x/a.png": red, "x/b.webp": green, "y/c.jpg": blue, "y/d.png": red })
        return layerImageFolder({ directory, split: "last", labels: "none" })
      })
    ).pipe(Layer.provide(NodeServices.layer))
  )
})
