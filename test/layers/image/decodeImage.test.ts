import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import sharp from "sharp"
import { deep, opaque, raw, read } from "../../support/bothReaders.ts"
import {
  displayP3Primaries,
  iccChunk,
  iccProfile,
  orientationChunk,
  pngChunk,
  pngFile,
  type Raster,
  tiffFile,
  u32,
  withOrientation
} from "../../support/imageFiles.ts"

const swapped = (data: Uint8Array) => Buffer.from(data).swap16()
const inPlanes = ({ channels, data }: Raster) => {
  const pixels = data.length / channels
  return Uint8Array.from(data, (_, i) => data[(i % pixels) * channels + Math.floor(i / pixels)] ?? 0)
}

/** Where a pixel of the upright image lies in one that is stored under an orientation (EXIF 2.32, 4.6.4). */
const places: ReadonlyArray<(r: number, c: number, height: number, width: number) => readonly [number, number]> = [
  (r, c) => [r, c],
  (r, c, _, w) => [r, w - 1 - c],
  (r, c, h, w) => [h - 1 - r, w - 1 - c],
  (r, c, h) => [h - 1 - r, c],
  (r, c) => [c, r],
  (r, c, _, w) => [w - 1 - c, r],
  (r, c, h, w) => [w - 1 - c, h - 1 - r],
  (r, c, h) => [c, h - 1 - r]
]

/** An image as it is stored under an orientation. */
const stored = (raster: Raster, orientation: number): Raster => {
  const { height, width, channels, data } = raster
  const lying = orientation > 4
  const [rows, columns] = lying ? [width, height] : [height, width]
  const place = places[orientation - 1] ?? ((r: number, c: number) => [r, c] as const)
  const found = new Uint8Array(data.length)
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const [y, x] = place(r, c, height, width)
      for (let k = 0; k < channels; k++) {
        found[(y * columns + x) * channels + k] = data[(r * width + c) * channels + k] ?? 0
      }
    }
  }
  return { ...raster, height: rows, width: columns, data: found }
}

const rasters = (channels: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([width, height]) =>
      fc
        .uint8Array({ minLength: width * height * channels, maxLength: width * height * channels })
        .map((data): Raster => ({ width, height, channels, bits: 8, data }))
    )

const expectSame = async (name: string, file: Uint8Array, raster: Raster, loss = 0) => {
  const found = await read(file, raster.channels === 1 ? "grey" : "colour")
  if (typeof found === "string") assert.fail(`${name}: ${found}`)
  assert.deepStrictEqual([found.height, found.width], [raster.height, raster.width], name)
  const worst = Math.max(...found.pixels.map((value, i) => Math.abs(value - (raster.data[i] ?? 0))))
  assert.isAtMost(worst, loss, `${name}: ${found.pixels.join()} for ${raster.data.join()}`)
}

describe("one image in many containers", () => {
  it("has the same bytes in all of them, for data sets and for samples", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(rasters(1), rasters(3)), async (raster) => {
        const { channels } = raster
        const grey = channels === 1
        const image = () => raw(raster).toColourspace(grey ? "b-w" : "srgb")
        const files: ReadonlyArray<readonly [string, Uint8Array]> = [
          ["PNG", await image().png().toBuffer()],
          ["PNG, interlaced", await image().png({ progressive: true }).toBuffer()],
          ["PNG of 16 bits", pngFile(deep(raster))],
          ["PNG with a profile that is sRGB", pngFile(raster, [iccChunk(iccProfile({ grey }))])],
          ["PNG of 16 bits with a profile that is sRGB", pngFile(deep(raster), [iccChunk(iccProfile({ grey }))])],
          ["PNG that says its gamma", pngFile(raster, [pngChunk("gAMA", u32(100_000))])],
          ["PNG with opaque transparency", pngFile(opaque(raster))],
          ["WebP", await image().webp({ lossless: true }).toBuffer()],
          ["TIFF", tiffFile(raster)],
          ["TIFF of 16 bits", tiffFile(deep(raster))],
          [
            "TIFF of 16 bits, the most significant byte first",
            tiffFile({ ...deep(raster), data: swapped(deep(raster).data) }, { bigEndian: true })
          ],
          ["TIFF in planes", tiffFile({ ...raster, data: inPlanes(raster) }, { planes: true })],
          ["TIFF with a maker's tag", tiffFile(raster, { unknown: true })],
          ...(await Promise.all(
            (["lzw", "deflate", "packbits"] as const).map(
              async (compression) =>
                [`TIFF, ${compression}`, await image().tiff({ compression, predictor: "none" }).toBuffer()] as const
            )
          ))
        ]
        for (const [name, file] of files) await expectSame(name, file, raster)
        if (grey)
          await expectSame(
            "TIFF whose zero is white",
            tiffFile({ ...raster, data: raster.data.map((v) => 255 - v) }, { photometric: 0 }),
            raster
          )
      }),
      { numRuns: 8 }
    )
  })

  it("is turned by each orientation in each of them that has one", async () => {
    await fc.assert(
      fc.asyncProperty(rasters(3), fc.integer({ min: 1, max: 8 }), async (raster, orientation) => {
        const lying = stored(raster, orientation)
        await expectSame("PNG", pngFile(lying, [orientationChunk(orientation)]), raster)
        await expectSame("PNG of 16 bits", pngFile(deep(lying), [orientationChunk(orientation)]), raster)
        await expectSame("TIFF", tiffFile(lying, { orientation }), raster)
        await expectSame(
          "WebP",
          await raw(lying).webp({ lossless: true }).withMetadata({ orientation }).toBuffer(),
          raster
        )
        const shown = await raw(opaque(lying)).webp({ lossless: true }).withMetadata({ orientation }).toBuffer()
        await expectSame("WebP with transparency", shown, raster)
      }),
      { numRuns: 24 }
    )
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("is turned by orientation %i of a JPEG, within its loss", async (orientation) => {
    const data = Uint8Array.from(
      { length: 40 * 24 * 3 },
      (_, i) => 4 * (Math.floor(i / 3) % 40) + 3 * Math.floor(i / 120) + 10 * (i % 3)
    )
    const raster: Raster = { width: 40, height: 24, channels: 3, bits: 8, data }
    const lying = stored(raster, orientation)
    for (const progressive of [false, true]) {
      const jpeg = await raw(lying).jpeg({ quality: 100, chromaSubsampling: "4:4:4", progressive }).toBuffer()
      await expectSame("JPEG", withOrientation(jpeg, orientation), raster, 3)
    }
  })

  it("is a palette's colours, with its transparency on black", async () => {
    const colours = [
      [1, 2, 3],
      [250, 128, 0],
      [100, 100, 100]
    ]
    const palette = pngChunk("PLTE", Buffer.from(colours.flat()))
    const indices: Raster = { width: 3, height: 1, channels: 1, bits: 8, data: Uint8Array.of(2, 0, 1) }
    const of = (...extra: ReadonlyArray<Uint8Array>) => read(pngFile(indices, [palette, ...extra], 3))
    assert.deepInclude(await of(), { channels: 3, pixels: [100, 100, 100, 1, 2, 3, 250, 128, 0] })
    assert.deepInclude(await of(pngChunk("tRNS", Buffer.of(0, 128))), { pixels: [100, 100, 100, 0, 0, 0, 125, 64, 0] })
    const few = await read(pngFile({ ...indices, bits: 2, data: Uint8Array.of(0b10_00_01_00) }, [palette], 3))
    assert.deepInclude(few, { pixels: [100, 100, 100, 1, 2, 3, 250, 128, 0] })
    // Three colours, and their indices by codes of three and four bits.
    const gif = Buffer.concat([
      Buffer.from("GIF89a\x03\0\x01\0\x91\0\0", "latin1"),
      Buffer.from([...colours.flat(), 0, 0, 0]),
      Buffer.from("2c00000000030001000002021452003b", "hex")
    ])
    assert.deepInclude(await read(gif), { channels: 3, pixels: [100, 100, 100, 1, 2, 3, 250, 128, 0] })
  })

  it.each([
    [1, 0b0100_0000, [0, 255]],
    [2, 0b0110_0000, [85, 170]],
    [4, 0x3c, [51, 204]]
  ] as const)("is stretched from %i bits to 8", async (bits, data, pixels) => {
    const raster: Raster = { width: 2, height: 1, channels: 1, bits, data: Uint8Array.of(data) }
    for (const file of [pngFile(raster), tiffFile(raster)])
      assert.deepInclude(await read(file), { channels: 1, pixels })
  })

  it("is laid on black alike at 8 and 16 bits, the nearest level wins", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(rasters(2), rasters(4)), async (raster) => {
        const { channels, data } = raster
        const expected = Array.from(data).flatMap((value, i) =>
          i % channels === channels - 1
            ? []
            : [Math.round((value * (data[i - (i % channels) + channels - 1] ?? 0)) / 255)]
        )
        const files = [
          pngFile(raster),
          pngFile(deep(raster)),
          tiffFile(raster, { extra: [2] }),
          tiffFile(deep(raster), { extra: [2] })
        ]
        for (const file of files) assert.deepInclude(await read(file), { channels: channels - 1, pixels: expected })
      }),
      { numRuns: 8 }
    )
  })

  it("rounds 16 bits to the nearest of 256 levels", async () => {
    const values = [0, 128, 129, 257, 32_767, 32_768, 65_406, 65_407, 65_535]
    const data = Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]))
    const found = await read(pngFile({ width: 9, height: 1, channels: 1, bits: 16, data }))
    assert.deepInclude(found, { pixels: [0, 0, 1, 1, 127, 128, 254, 255, 255] })
  })
})

describe("a colour profile", () => {
  const greys: Raster = { width: 3, height: 1, channels: 1, bits: 8, data: Uint8Array.of(0, 64, 128) }
  const colours: Raster = {
    width: 2,
    height: 1,
    channels: 3,
    bits: 8,
    data: Uint8Array.of(128, 128, 128, 200, 100, 50)
  }

  it("has one effect at 8 and 16 bits, with transparency and without, in every container", async () => {
    const linear = iccProfile({ grey: true, curve: 1 })
    const all = [
      pngFile(greys, [iccChunk(linear)]),
      pngFile(deep(greys), [iccChunk(linear)]),
      pngFile(opaque(greys), [iccChunk(linear)]),
      pngFile(deep(opaque(greys)), [iccChunk(linear)]),
      tiffFile(greys, { icc: linear }),
      tiffFile(deep(greys), { icc: linear })
    ]
    for (const file of all) assert.deepInclude(await read(file), { channels: 1, pixels: [0, 137, 188] })
    const p3 = iccProfile({ primaries: displayP3Primaries })
    const [first, ...others] = await Promise.all([
      read(pngFile(colours, [iccChunk(p3)])),
      read(pngFile(deep(colours), [iccChunk(p3)])),
      read(pngFile(opaque(colours), [iccChunk(p3)])),
      read(tiffFile(deep(colours), { icc: p3 })),
      read(
        await raw(colours)
          .webp({ lossless: true })
          .toBuffer()
          .then((webp) => withProfile(webp, p3))
      )
    ])
    assert.deepInclude(first, { pixels: [128, 128, 128, 215, 93, 31] })
    for (const other of others) assert.deepStrictEqual(other, first)
  })

  it("agrees with the decoder's own engine at 8 bits", async () => {
    const file = pngFile(colours, [iccChunk(iccProfile({ primaries: displayP3Primaries }))])
    const theirs = await sharp(file).toColourspace("srgb").raw().toBuffer()
    const ours = await read(file)
    assert.isObject(ours)
    if (typeof ours === "string") return
    for (const [i, value] of theirs.entries()) assert.closeTo(ours.pixels[i] ?? Number.NaN, value, 1)
  })

  it("is passed over where it is of another kind, and refused where it is tables", async () => {
    const wrong = tiffFile(greys, { icc: iccProfile({ primaries: displayP3Primaries }) })
    assert.deepInclude(await read(wrong), { pixels: [0, 64, 128] })
    assert.match(
      String(await read(tiffFile(colours, { icc: iccProfile({ tables: true }) }))),
      /^its colour profile is made of tables, which are not applied; convert the image to sRGB, or take the profile out$/
    )
  })
})

/** A lossless WebP file with a profile: its image wrapped in the extended format. */
const withProfile = (webp: Uint8Array, profile: Uint8Array): Buffer => {
  const chunk = (name: string, data: Uint8Array) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(data.length)
    return Buffer.concat([Buffer.from(name), size, data, Buffer.alloc(data.length % 2)])
  }
  const header = Buffer.from([0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0])
  const body = Buffer.concat([Buffer.from("WEBP"), chunk("VP8X", header), chunk("ICCP", profile), webp.subarray(12)])
  return Buffer.concat([chunk("RIFF", body)])
}
