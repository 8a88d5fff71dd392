import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp, { type Metadata } from "sharp"
import { explain } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"
import { askDecoder } from "./askDecoder.ts"

type Container = "PNG" | "JPEG" | "GIF" | "TIFF" | "WebP"

/** What files of other kinds begin with, to name them. */
const signatures: ReadonlyArray<{ readonly at: number; readonly bytes: string; readonly name: string }> = [
  { at: 0, bytes: "II+\0", name: "a BigTIFF" },
  { at: 0, bytes: "MM\0+", name: "a BigTIFF" },
  { at: 4, bytes: "ftypavi", name: "AVIF" },
  { at: 4, bytes: "ftyphei", name: "HEIC" },
  { at: 4, bytes: "ftypmif", name: "HEIF" },
  { at: 0, bytes: "BM", name: "a BMP" },
  { at: 0, bytes: "8BPS", name: "a Photoshop document" },
  { at: 0, bytes: "\0\0\0\x0cJXL ", name: "JPEG XL" },
  { at: 0, bytes: "\xff\x0a", name: "JPEG XL" },
  { at: 0, bytes: "\0\0\0\x0cjP  ", name: "JPEG 2000" },
  { at: 0, bytes: "v/1\x01", name: "OpenEXR" },
  { at: 0, bytes: "\0\0\x01\0", name: "an icon" },
  { at: 0, bytes: "%PDF", name: "a PDF" },
  { at: 0, bytes: "<svg", name: "SVG" },
  { at: 0, bytes: "<?xml", name: "XML" },
  { at: 0, bytes: "\x93NUMPY", name: "a NumPy array" },
  { at: 0, bytes: "PK\x03\x04", name: "a zip archive" }
]

/**
 * What files of the formats that are read begin with: PNG, JPEG, GIF, TIFF (both byte orders), WebP (from its ninth byte).
 * Nothing else is handed to sharp, which would also draw SVG and PDF: languages, with bombs of their own.
 */
const containers: ReadonlyArray<{ readonly at: number; readonly bytes: string; readonly name: Container }> = [
  { at: 0, bytes: "\x89PNG\r\n\x1a\n", name: "PNG" },
  { at: 0, bytes: "\xff\xd8\xff", name: "JPEG" },
  { at: 0, bytes: "GIF8", name: "GIF" },
  { at: 0, bytes: "II*\0", name: "TIFF" },
  { at: 0, bytes: "MM\0*", name: "TIFF" },
  { at: 8, bytes: "WEBP", name: "WebP" }
]

const found = <S extends { readonly at: number; readonly bytes: string }>(
  all: ReadonlyArray<S>,
  file: Uint8Array
): S | undefined =>
  all.find(({ at, bytes }) => Array.from(bytes).every((letter, i) => file[at + i] === letter.charCodeAt(0)))

const formats = "(PNG, JPEG, WebP, GIF or TIFF)"
const samples =
  "images are read whose samples are unsigned, of 8 or 16 bits, grey, RGB or of a palette, with or without transparency"

/** An image file whose header was read, and nothing decoded: of one of the kinds that are read. */
export interface OpenedImage {
  readonly bytes: Uint8Array
  readonly container: Container
  readonly metadata: Metadata
  /** One if it is grey, three if it is in colour or of a palette. */
  readonly colours: 1 | 3
  /** Once it is turned as its orientation says. */
  readonly height: number
  readonly width: number
}

/** The most that is read as one image. */
export interface ImageLimits {
  readonly bytes: number
  readonly pixels: number
}

/**
 * The header of an image file. Fails in words, to be put behind the file's name: what it is and what would be read, if it is of a kind
 * that is not, or is larger than `limits`.
 */
export const openImage = Effect.fnUntraced(function* (
  file: string,
  limits: ImageLimits
): Effect.fn.Return<OpenedImage, string, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* readBounded(fs, file, limits.bytes).pipe(
    Effect.mapError((error) => `it cannot be read: ${explain(error)}`)
  )
  const container = found(containers, bytes)?.name
  if (container === undefined) {
    const other = bytes.length === 0 ? "empty" : found(signatures, bytes)?.name
    const what = other === undefined ? "it is not" : `it is ${other}, not`
    return yield* Effect.fail(`${what} an image that can be read ${formats}; take it out of the folder`)
  }
  // Its size is judged here, in words.
  const metadata = yield* askDecoder(() => sharp(bytes, { limitInputPixels: false }).metadata()).pipe(
    Effect.mapError(
      (words) => `the image is damaged, or of a kind of ${container} that cannot be read: ${words}; ${samples}`
    )
  )
  const unread = whatIsNotRead(metadata)
  if (unread !== undefined) return yield* Effect.fail(`it is a ${container} of ${unread}: ${samples}`)
  const { height, width } = metadata.autoOrient
  if (height * width > limits.pixels) {
    return yield* Effect.fail(
      `the image is ${width} wide and ${height} high; at most ${limits.pixels} pixels are decoded`
    )
  }
  return { bytes, container, metadata, colours: isGrey(metadata) ? 1 : 3, height, width }
})

const isGrey = ({ space }: Metadata): boolean => space === "b-w" || space === "grey16"

const numbers: Readonly<Partial<Record<Metadata["depth"], string>>> = {
  char: "signed 8-bit numbers",
  short: "signed 16-bit numbers",
  uint: "32-bit numbers",
  int: "signed 32-bit numbers",
  float: "floating-point numbers",
  double: "64-bit floating-point numbers",
  complex: "complex numbers",
  dpcomplex: "complex numbers"
}

const spaces = new Map<string, string>([
  ["cmyk", "CMYK colours"],
  ["lab", "CIELAB colours"],
  ["labs", "CIELAB colours"],
  ["labq", "CIELAB colours"],
  ["xyz", "CIE XYZ colours"]
])

/** What keeps samples from being read, if anything does. This is a list of what is read: whatever else the decoder knows is not. */
const whatIsNotRead = (metadata: Metadata): string | undefined => {
  const { space, depth, channels } = metadata
  const named = spaces.get(space)
  if (named !== undefined) return named
  if (depth !== "uchar" && depth !== "ushort") return numbers[depth] ?? `samples of the type ${depth}`
  const grey = isGrey(metadata)
  if (!grey && space !== "srgb" && space !== "rgb16") return "samples that are neither grey nor RGB"
  const colours = grey ? 1 : 3
  return channels === colours || channels === colours + 1 ? undefined : `${channels} channels`
}
