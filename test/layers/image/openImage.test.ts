import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp from "sharp"
import { decodeFiles } from "../../../src/layers/dataset/folder/decodeFiles.ts"
import { raw, read } from "../../support/bothReaders.ts"
import { pngChunk, pngFile, type Raster, type TiffTags, tiffFile, u32, withSegment } from "../../support/imageFiles.ts"

describe("what is not read", () => {
  const of = (channels: number, bits: number, length: number): Raster => ({
    width: 2,
    height: 2,
    channels,
    bits,
    data: new Uint8Array(length)
  })
  const tiff = (channels: number, bits: number, tags: TiffTags = {}) =>
    tiffFile(of(channels, bits, (4 * channels * bits) / 8), tags)
  const cmyk = () =>
    raw({ ...of(3, 8, 12) })
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer()
  it.each<readonly [string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    [
      "floating-point numbers",
      () => tiff(1, 32, { format: 3 }),
      /^it is a TIFF of floating-point numbers: images are read whose samples are unsigned, of 8 or 16 bits/
    ],
    ["half precision", () => tiff(1, 16, { format: 3 }), /^it is a TIFF of floating-point numbers: /],
    ["signed numbers of 8 bits", () => tiff(1, 8, { format: 2 }), /^it is a TIFF of signed 8-bit numbers: /],
    ["signed numbers of 16 bits", () => tiff(3, 16, { format: 2 }), /^it is a TIFF of signed 16-bit numbers: /],
    ["numbers of 32 bits", () => tiff(1, 32), /^it is a TIFF of 32-bit numbers: /],
    ["signed numbers of 32 bits", () => tiff(1, 32, { format: 2 }), /^it is a TIFF of signed 32-bit numbers: /],
    [
      "double precision",
      () => tiff(1, 64, { format: 3 }),
      /^(it is a TIFF of 64-bit|the image is damaged, or of a kind of TIFF that cannot be read: samples out of range; )/
    ],
    [
      "12 bits",
      () => tiff(1, 12),
      /^the image is damaged, or of a kind of TIFF that cannot be read: .*; images are read whose samples are/
    ],
    ["CIELAB", () => tiff(3, 16, { photometric: 8 }), /^it is a TIFF of CIELAB colours: /],
    ["CMYK", () => tiff(4, 8, { photometric: 5 }), /^it is a TIFF of CMYK colours: /],
    ["CMYK as JPEG", cmyk, /^it is a JPEG of CMYK colours: /],
    [
      "a colour filter's mosaic",
      () => tiff(1, 16, { photometric: 32_803 }),
      /^it is a TIFF of samples that are neither grey nor RGB: /
    ],
    ["five channels", () => tiff(5, 8, { extra: [2, 0] }), /^it is a TIFF of 5 channels: /],
    [
      "a BMP",
      () => Buffer.from("BM1234567890"),
      /^it is a BMP, not an image that can be read \(PNG, JPEG, WebP, GIF or TIFF\); take it out of the folder$/
    ],
    ["HEIC", () => Buffer.from("\0\0\0\x18ftypheic"), /^it is HEIC, not an image that can be read /],
    [
      "AVIF",
      () =>
        raw(of(3, 8, 12))
          .avif()
          .toBuffer(),
      /^it is AVIF, not an image that can be read /
    ],
    ["nothing", () => new Uint8Array(), /^it is empty, not an image that can be read /],
    ["text", () => Buffer.from("text"), /^it is not an image that can be read \(PNG/]
  ])("names %s", async (_, file, message) => {
    assert.match(String(await read(await file())), message)
  })

  it("reads the first of several frames or pages", async () => {
    const raster: Raster = { width: 2, height: 1, channels: 1, bits: 8, data: Uint8Array.of(10, 20) }
    assert.deepInclude(await read(tiffFile(raster, { pages: 3 })), { pixels: [10, 20] })
    assert.deepInclude(await read(pngFile(raster, [pngChunk("acTL", u32(2, 0))])), { pixels: [10, 20] })
    const two = sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 1, height: 2, channels: 3, pageHeight: 1 } })
    for (const file of [
      await two
        .clone()
        .gif({ loop: 0, delay: [10, 10] })
        .toBuffer(),
      await two.webp({ lossless: true }).toBuffer()
    ]) {
      assert.deepInclude(await read(file), { height: 1, width: 1, pixels: [255, 0, 0] })
    }
  })

  it("reads as many pixels as it says and not one more", async () => {
    const black = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: "black" } })
        .toColourspace("b-w")
        .png({ compressionLevel: 1 })
        .toBuffer()
    const at = (file: Uint8Array) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-decode-" })
        yield* fs.writeFile(`${folder}/a`, file)
        return yield* decodeFiles(folder, [{ path: "a" }], { height: 4, width: 4, crop: "stretch" })
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise)
    assert.deepInclude(await at(await black(8192, 4096)), { refused: [], files: ["a"] })
    assert.deepStrictEqual((await at(await black(8193, 4096))).refused, [
      { file: "a", problem: "the image is 8193 wide and 4096 high; at most 33554432 pixels are decoded" }
    ])
  })
})

describe("a JPEG", () => {
  const noise: Raster = {
    width: 32,
    height: 24,
    channels: 3,
    bits: 8,
    data: Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => (i * 7919 + i * i) % 251)
  }
  const sound = raw(noise).jpeg({ quality: 90 }).toBuffer()

  it.each<readonly [string, (file: Buffer, scan: number) => Uint8Array]>([
    [
      "a wrong scan header",
      (file, scan) => Buffer.concat([file.subarray(0, scan + 12), Buffer.of(0), file.subarray(scan + 13)])
    ],
    [
      "bytes between segments",
      (file, scan) => Buffer.concat([file.subarray(0, scan), Buffer.alloc(9, 7), file.subarray(scan)])
    ],
    ["an unknown colour transform", (file) => withSegment(file, 0xee, Buffer.from("Adobe\0d\0\0\0\0\x09", "latin1"))],
    ["bytes behind its end", (file) => Buffer.concat([file, Buffer.alloc(500, 7)])],
    ["another image behind its end", (file) => Buffer.concat([file, file])],
    ["EXIF that is none", (file) => withSegment(file, 0xe1, Buffer.from("Exif\0\0garbage"))],
    ["a profile that is none", (file) => withSegment(file, 0xe2, Buffer.from("ICC_PROFILE\0\x01\x01garbage"))]
  ])("is read with %s", async (_, spoil) => {
    const file = await sound
    assert.deepStrictEqual(await read(spoil(file, file.indexOf(Buffer.of(0xff, 0xda)))), await read(file))
  })

  it("is refused with the decoder's reason where it is cut short or garbled", async () => {
    const file = await sound
    const scan = file.indexOf(Buffer.of(0xff, 0xda))
    const middle = Math.floor((scan + file.length) / 2)
    assert.match(String(await read(file.subarray(0, middle))), /^the image is damaged: premature end of JPEG image/)
    assert.match(
      String(await read(file.subarray(0, file.length - 2))),
      /^the image is damaged: premature end of JPEG image/
    )
    const ended = Buffer.concat([file.subarray(0, middle), Buffer.of(0xff, 0xd9)])
    assert.match(String(await read(ended)), /^the image is damaged: Corrupt JPEG data: premature end of data segment/)
    // Harmless warnings do not hide that it is garbled.
    const both = Buffer.from(ended)
    both[scan + 12] = 0
    assert.match(String(await read(both)), /^the image is damaged: Corrupt JPEG data: premature end of data segment/)
  })

  it("and every other file is refused, or whole, wherever it is cut", async () => {
    const image = () => raw(noise)
    const files = [
      await image().png().toBuffer(),
      await image().webp().toBuffer(),
      await image().gif().toBuffer(),
      await image().tiff({ compression: "lzw" }).toBuffer(),
      tiffFile(noise),
      await sound
    ]
    for (const file of files) {
      const whole = await read(file)
      assert.isObject(whole)
      for (let i = 1; i < 12; i++) {
        const found = await read(file.subarray(0, Math.ceil((i / 12) * file.length)))
        if (typeof found !== "string") assert.deepStrictEqual(found, whole)
      }
    }
  })
})

describe("many spoiled files", () => {
  it("each have their own reason, whatever is decoded at the same time", async () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919 + i * i) % 251)
    const image = () => raw({ width: 64, height: 64, channels: 3, bits: 8, data })
    const cut = (file: Buffer) => file.subarray(0, Math.floor(0.7 * file.length))
    const files = [
      ["jpg", cut(await image().jpeg().toBuffer()), /^the image is damaged: premature end of JPEG image$/],
      ["png", cut(await image().png().toBuffer()), /^the image is damaged: libpng read error$/],
      [
        "tif",
        (await image().tiff({ compression: "lzw" }).toBuffer()).fill(255, 200, 400),
        /^the image is damaged: Using code not yet in table$/
      ]
    ] as const
    const refused = await Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-decode-" })
      const paths: Array<{ readonly path: string }> = []
      for (let i = 0; i < 24; i++) {
        for (const [kind, file] of files) {
          yield* fs.writeFile(`${folder}/${i}.${kind}`, file)
          paths.push({ path: `${i}.${kind}` })
        }
      }
      return (yield* decodeFiles(folder, paths, {})).refused
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise)
    assert.lengthOf(refused, 72)
    for (const { file, problem } of refused) {
      assert.match(problem, files.find(([kind]) => file.endsWith(kind))?.[2] ?? /^$/, file)
    }
  })
})
