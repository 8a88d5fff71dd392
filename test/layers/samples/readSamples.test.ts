import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp from "sharp"
import { encodeNpy } from "../../../src/domain/data/npy.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { readSamples } from "../../../src/layers/samples/readSamples.ts"

const grey = { channels: 1, height: 2, width: 3 }
const colour = { channels: 3, height: 2, width: 3 }

const raw = (channels: 1 | 3 | 4, values: Uint8Array | Uint16Array, height = 2) =>
  sharp(values, { raw: { width: 3, height, channels } })
const bytes = (length: number, step = 7) => Uint8Array.from({ length }, (_, i) => (i * step) % 256)

const greyPng = raw(1, bytes(6)).toColourspace("b-w").png().toBuffer()
const greyAsColour = raw(
  3,
  Uint8Array.from({ length: 18 }, (_, i) => 7 * Math.floor(i / 3))
)
  .png()
  .toBuffer()
const grey16 = raw(
  1,
  Uint16Array.from({ length: 6 }, (_, i) => 1000 * i + 1)
)
  .toColourspace("grey16")
  .png()
  .toBuffer()
const colourPng = raw(3, bytes(18)).png().toBuffer()

/** Runs in a folder of its own that holds the given files. */
const withFiles = <A, E>(
  files: Readonly<Record<string, Promise<Uint8Array> | string>>,
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-samples-" })
    for (const [name, content] of Object.entries(files)) {
      const data =
        typeof content === "string" ? new TextEncoder().encode(content) : yield* Effect.promise(() => content)
      yield* fs.writeFile(`${folder}/${name}`, data)
    }
    return yield* test(folder, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const expected = Float32Array.from({ length: 6 }, (_, i) => (7 * i) / 255)

describe("a folder of images", () => {
  it.effect("is read in the order of names, each kind of file to the nearest of 256 levels", () =>
    withFiles({ "b.png": greyAsColour, "a.png": greyPng, "c.png": grey16, ".DS_Store": "no image" }, (folder) =>
      Effect.gen(function* () {
        const { shape, values } = yield* readSamples(folder, grey)
        assert.deepStrictEqual(shape, [3, 1, 2, 3])
        assert.deepStrictEqual(values.subarray(0, 6), expected)
        assert.deepStrictEqual(values.subarray(6, 12), expected)
        assert.deepStrictEqual(
          values.subarray(12),
          Float32Array.from({ length: 6 }, (_, i) => Math.round((1000 * i + 1) / 257) / 255)
        )
      })
    )
  )

  it.effect("is brought to the data's channels", () =>
    withFiles({ "1.png": colourPng }, (folder) =>
      Effect.gen(function* () {
        const inColour = yield* readSamples(folder, colour)
        assert.deepStrictEqual(inColour.shape, [1, 3, 2, 3])
        const at = (channel: number, pixel: number) => inColour.values[channel * 6 + pixel] ?? Number.NaN
        const luma = (yield* readSamples(folder, grey)).values
        for (let pixel = 0; pixel < 6; pixel++) {
          for (let c = 0; c < 3; c++) assert.closeTo(at(c, pixel), (7 * (3 * pixel + c)) / 255, 1e-7)
          const weighed = 0.2126 * at(0, pixel) + 0.7152 * at(1, pixel) + 0.0722 * at(2, pixel)
          assert.closeTo(luma[pixel] ?? Number.NaN, weighed, 0.501 / 255)
        }
      })
    )
  )

  it.effect("lays transparency on black, and repeats grey for colour", () =>
    withFiles(
      {
        "1.png": raw(
          4,
          bytes(24).map((_, i) => (i % 4 === 3 ? 0 : 200))
        )
          .png()
          .toBuffer(),
        "2.png": greyPng
      },
      (folder) =>
        Effect.gen(function* () {
          const { values } = yield* readSamples(folder, colour)
          assert.deepStrictEqual(values.subarray(0, 18), new Float32Array(18))
          for (let c = 0; c < 3; c++) assert.deepStrictEqual(values.subarray(18 + 6 * c, 24 + 6 * c), expected)
        })
    )
  )

  it.effect("is refused if something in it is wrong, by name", () =>
    Effect.gen(function* () {
      const tall = raw(1, bytes(12), 4).png().toBuffer()
      const cut = colourPng.then((file) => file.subarray(0, file.length - 30))
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"></svg>'
      for (const [files, message] of [
        [{}, /fovea-samples-[^/]*: the folder holds no images/],
        [{ ".hidden": "" }, /the folder holds no images/],
        [{ "a.png": greyPng, "notes.txt": "text" }, /notes\.txt: it is not an image that can be read/],
        [
          { "a.png": greyPng, "b.png": tall },
          /b\.png: the image is 3 wide and 4 high; expected 3 and 2 as in the data set/
        ],
        [{ "a.png": cut }, /a\.png: the image is damaged/],
        [{ "a.svg": svg }, /a\.svg: it is SVG, not an image that can be read/]
      ] as const) {
        const error = yield* withFiles(files, (folder) => Effect.flip(readSamples(folder, grey)))
        assert.match(error.message, message)
      }
    })
  )

  it.effect("may not hold folders", () =>
    withFiles({}, (folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(`${folder}/more`)
        const error = yield* Effect.flip(readSamples(folder, grey))
        assert.match(error.message, /more: it cannot be read: it is a folder, not a file/)
      })
    )
  )
})

describe("a NumPy file", () => {
  it.effect("is read, or refused by name", () =>
    withFiles({ "bad.npy": "text", "samples.bin": "text" }, (folder, fs) =>
      Effect.gen(function* () {
        const images = tensorData([4, 2, 3], new Float32Array(24).fill(0.25))
        yield* fs.writeFile(`${folder}/good.npy`, encodeNpy(images))
        assert.deepStrictEqual(yield* readSamples(`${folder}/good.npy`, grey), {
          shape: [4, 1, 2, 3],
          values: images.values
        })
        for (const [name, message] of [
          ["bad.npy", /bad\.npy: The NumPy file must begin with/],
          ["samples.bin", /samples\.bin: expected a folder of images, or a NumPy file/],
          ["none.npy", /none\.npy: there is no such file or folder/]
        ] as const) {
          assert.match((yield* Effect.flip(readSamples(`${folder}/${name}`, grey))).message, message)
        }
        const wide = { channels: 1, height: 3, width: 3 }
        const error = yield* Effect.flip(readSamples(`${folder}/good.npy`, wide))
        assert.match(error.message, /good\.npy: The NumPy file holds an array \[4, 2, 3\]; expected images \[N, 3, 3\]/)
      })
    )
  )
})
