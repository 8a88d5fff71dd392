// Image files made byte by byte, for what sharp does not write.
import { crc32, deflateSync } from "node:zlib"

/** Numbers of four bytes, the most significant first. */
export const u32 = (...numbers: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [i, value] of numbers.entries()) bytes.writeInt32BE(value | 0, 4 * i)
  return bytes
}

/** A chunk of a PNG file, with its length and check. */
export const pngChunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  return Buffer.concat([u32(data.length), body, u32(crc32(body))])
}

/** Samples of an image in rows, its channels side by side; of one byte each, or of two with the most significant first. */
export interface Raster {
  readonly width: number
  readonly height: number
  /** 1 is grey, 2 with transparency; 3 is colour, 4 with transparency. */
  readonly channels: number
  readonly bits: number
  readonly data: Uint8Array
}

const pngTypes: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 }

/** A PNG file; `extra` chunks lie before the pixels, and `type` is the colour type if it is none of the usual. */
export const pngFile = (
  { width, height, channels, bits, data }: Raster,
  extra: ReadonlyArray<Uint8Array> = [],
  type = pngTypes[channels] ?? 0
): Buffer => {
  const row = Math.ceil((width * channels * bits) / 8)
  const rows = Array.from({ length: height }, (_, y) => [Buffer.of(0), data.subarray(y * row, (y + 1) * row)]).flat()
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", Buffer.concat([u32(width, height), Buffer.of(bits, type, 0, 0, 0)])),
    ...extra,
    pngChunk("IDAT", deflateSync(Buffer.concat(rows))),
    pngChunk("IEND", Buffer.alloc(0))
  ])
}

/** The chunk of a PNG file that holds a colour profile. */
export const iccChunk = (profile: Uint8Array): Buffer =>
  pngChunk("iCCP", Buffer.concat([Buffer.from("p\0\0"), deflateSync(profile)]))

/** The chunk of a PNG file that holds its EXIF orientation, from 1 to 8. */
export const orientationChunk = (orientation: number): Buffer => pngChunk("eXIf", exif(orientation))

/** EXIF that holds nothing but an orientation. */
export const exif = (orientation: number): Buffer =>
  Buffer.from(`49492a0008000000010012010300010000000${orientation}00000000000000`, "hex")

/** What a TIFF file says of its samples, by tag; what is left out is unsigned, grey or RGB, and not packed. */
export interface TiffTags {
  /** 1: unsigned, 2: signed, 3: floating point. */
  readonly format?: number
  /** 0: white is zero, 1: black is zero, 2: RGB, 5: CMYK, 8: CIELab. */
  readonly photometric?: number
  /** 0: unspecified, 1: associated alpha, 2: unassociated alpha; one for each channel more than the colours. */
  readonly extra?: ReadonlyArray<number>
  /** Each channel in a plane of its own. */
  readonly planes?: boolean
  readonly bigEndian?: boolean
  readonly orientation?: number
  readonly icc?: Uint8Array
  /** A tag of a maker's own. */
  readonly unknown?: boolean
  readonly pages?: number
}

/** A TIFF file of one strip a plane. `data` has the byte order of the file, and the layout (rows or planes) of its tags. */
export const tiffFile = ({ width, height, channels, bits, data }: Raster, tags: TiffTags = {}): Buffer => {
  const big = tags.bigEndian === true
  const file: Array<Buffer> = []
  let at = 8
  const put = (bytes: Uint8Array): number => {
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)])
    file.push(padded)
    const start = at
    at += padded.length
    return start
  }
  const numbers = (values: ReadonlyArray<number>, size: 2 | 4): Buffer => {
    const bytes = Buffer.alloc(size * values.length)
    for (const [i, value] of values.entries()) {
      if (size === 2) big ? bytes.writeUInt16BE(value, 2 * i) : bytes.writeUInt16LE(value, 2 * i)
      else big ? bytes.writeUInt32BE(value, 4 * i) : bytes.writeUInt32LE(value, 4 * i)
    }
    return bytes
  }
  const planes = tags.planes === true ? channels : 1
  const starts = Array.from({ length: planes }, (_, p) =>
    put(data.subarray((p * data.length) / planes, ((p + 1) * data.length) / planes))
  )
  const icc = tags.icc === undefined ? [] : [[34_675, 7, [put(tags.icc)], tags.icc.length] as const]
  const colours = channels >= 3 ? 3 : 1
  const extra = tags.extra ?? []
  const entries: ReadonlyArray<readonly [number, 3 | 4 | 7, ReadonlyArray<number>, number?]> = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, new Array<number>(channels).fill(bits)],
    [259, 3, [1]],
    [262, 3, [tags.photometric ?? (colours === 3 ? 2 : 1)]],
    [273, 4, starts],
    [274, 3, [tags.orientation ?? 1]],
    [277, 3, [channels]],
    [278, 4, [height]],
    [279, 4, starts.map(() => data.length / planes)],
    [284, 3, [planes > 1 ? 2 : 1]],
    ...(extra.length > 0 ? [[338, 3, extra] as const] : []),
    [339, 3, new Array<number>(channels).fill(tags.format ?? 1)],
    ...icc,
    ...(tags.unknown === true ? [[65_000, 3, [7]] as const] : [])
  ]
  const directory = () => {
    const rows = entries.map(([tag, type, values, count = values.length]) => {
      const inline = numbers(values, type === 3 ? 2 : 4)
      const value = type !== 7 && inline.length > 4 ? numbers([put(inline)], 4) : inline
      return Buffer.concat([numbers([tag, type], 2), numbers([count], 4), value, Buffer.alloc(4 - value.length)])
    })
    return Buffer.concat([numbers([rows.length], 2), ...rows])
  }
  const pages = Array.from({ length: tags.pages ?? 1 }, directory)
  const first = at
  let next = first
  for (const [i, page] of pages.entries()) {
    next += page.length + 4
    file.push(page, numbers([i === pages.length - 1 ? 0 : next], 4))
  }
  return Buffer.concat([Buffer.from(big ? "MM\0*" : "II*\0", "latin1"), numbers([first], 4), ...file])
}

/** What an ICC profile is made of; what is left out is sRGB's. */
export interface ProfileParts {
  readonly grey?: boolean
  /** A gamma, a table from 0 to 1, or a `para` tag's kind and parameters. */
  readonly curve?:
    | number
    | ReadonlyArray<number>
    | { readonly kind: number; readonly parameters: ReadonlyArray<number> }
  /** XYZ of red, green and blue, under D50. */
  readonly primaries?: ReadonlyArray<readonly [number, number, number]>
  /** Tables in place of curves. */
  readonly tables?: boolean
  readonly lightness?: boolean
}

export const srgbCurve = { kind: 3, parameters: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] }
const srgbPrimaries = [
  [0.43607, 0.22249, 0.01392],
  [0.38515, 0.71687, 0.09708],
  [0.14307, 0.06061, 0.7141]
] as const
export const displayP3Primaries = [
  [0.51512, 0.2412, -0.00105],
  [0.29198, 0.69225, 0.04189],
  [0.1571, 0.06657, 0.78407]
] as const

const fixed = (values: ReadonlyArray<number>): Buffer => u32(...values.map((value) => Math.round(value * 65_536)))
const u16 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i)
  return bytes
}

/** An ICC profile, version 4. */
export const iccProfile = (parts: ProfileParts = {}): Buffer => {
  const { grey = false, curve = srgbCurve, primaries = srgbPrimaries, tables = false, lightness = false } = parts
  const tag = (type: string, ...data: ReadonlyArray<Buffer>) => Buffer.concat([Buffer.from(type), u32(0), ...data])
  const curves =
    typeof curve === "number"
      ? tag("curv", u32(1), u16(Math.round(curve * 256)))
      : "kind" in curve
        ? tag("para", u16(curve.kind, 0), fixed(curve.parameters))
        : tag("curv", u32(curve.length), u16(...curve.map((value) => Math.round(value * 65_535))))
  const named: ReadonlyArray<readonly [string, Buffer]> = [
    ["wtpt", tag("XYZ ", fixed([0.9642, 1, 0.8249]))],
    ...(tables
      ? [["A2B0", tag("mft2", Buffer.alloc(40))] as const]
      : grey
        ? [["kTRC", curves] as const]
        : primaries.flatMap((xyz, i) => [
            [`${"rgb"[i]}XYZ`, tag("XYZ ", fixed(xyz))] as const,
            [`${"rgb"[i]}TRC`, curves] as const
          ]))
  ]
  let at = 132 + 12 * named.length
  const table: Array<Buffer> = [u32(named.length)]
  const body = named.map(([name, data]) => {
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])
    table.push(Buffer.from(name), u32(at, data.length))
    at += padded.length
    return padded
  })
  const head = Buffer.alloc(128)
  head.writeUInt32BE(at, 0)
  head.writeUInt32BE(0x04300000, 8)
  head.write(`mntr${grey ? "GRAY" : "RGB "}${lightness ? "Lab " : "XYZ "}`, 12, "latin1")
  u16(2020, 1, 1, 0, 0, 0).copy(head, 24)
  head.write("acsp", 36, "latin1")
  fixed([0.9642, 1, 0.8249]).copy(head, 68)
  return Buffer.concat([head, ...table, ...body])
}

/** A JPEG file with another segment behind its first bytes. */
export const withSegment = (jpeg: Uint8Array, marker: number, data: Uint8Array): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, marker), u16(data.length + 2), data, jpeg.subarray(2)])

/** The segment of a JPEG file that holds its EXIF orientation. */
export const withOrientation = (jpeg: Uint8Array, orientation: number): Buffer =>
  withSegment(jpeg, 0xe1, Buffer.concat([Buffer.from("Exif\0\0"), exif(orientation)]))
