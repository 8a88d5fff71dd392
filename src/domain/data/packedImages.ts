import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseJson } from "../json/parseJson.ts"

/** Images as they were decoded from files, and which files could not be. */
export interface PackedImages {
  /** What they were made from, as a digest. */
  readonly key: string
  readonly channels: number
  readonly height: number
  readonly width: number
  /** Paths of the files, in the order of their images. */
  readonly files: ReadonlyArray<string>
  /** Files without an image here, and why. */
  readonly refused: ReadonlyArray<{ readonly file: string; readonly problem: string }>
  /** `[files, channels, B, A]`, row-major. */
  readonly pixels: Uint8Array
}

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const Header = Schema.Struct({
  format: Schema.Literal("fovea pictures 1"),
  key: Schema.String,
  channels: Count,
  height: Count,
  width: Count,
  files: Schema.Array(Schema.String),
  refused: Schema.Array(Schema.Struct({ file: Schema.String, problem: Schema.String })),
  sha256: Schema.String
})
const decodeHeader = Schema.decodeUnknownResult(Header)

const LINE_END = 10

/** The SHA-256 of bytes, as hexadecimal digits. */
type DigestOf = (bytes: Uint8Array) => string

/** One line of JSON, which says what follows and its SHA-256; then the pixels. */
export const packImages = ({ pixels, ...about }: PackedImages, digestOf: DigestOf): Uint8Array => {
  const header = JSON.stringify({ format: "fovea pictures 1", ...about, sha256: digestOf(pixels) })
  const line = new TextEncoder().encode(`${header}\n`)
  const bytes = new Uint8Array(line.length + pixels.length)
  bytes.set(line)
  bytes.set(pixels, line.length)
  return bytes
}

/**
 * Reads what `packImages` wrote; the pixels are a view of the bytes. Fails in words unless the header is one, the pixels are
 * as many as it says, and their digest is the one in it.
 */
export const unpackImages = (bytes: Uint8Array, digestOf: DigestOf): Result.Result<PackedImages, string> => {
  const end = bytes.indexOf(LINE_END)
  if (end < 0) return Result.fail("it has no first line")
  const header = Result.flatMap<unknown, unknown, typeof Header.Type, unknown>(
    parseJson(new TextDecoder().decode(bytes.subarray(0, end))),
    decodeHeader
  )
  if (Result.isFailure(header)) return Result.fail("its first line does not describe images")
  const { format: _format, sha256, ...about } = header.success
  const pixels = bytes.subarray(end + 1)
  const expected = about.files.length * about.channels * about.height * about.width
  if (pixels.length !== expected) {
    return Result.fail(`it holds ${pixels.length} bytes of pixels where its first line states ${expected}`)
  }
  if (digestOf(pixels) !== sha256) return Result.fail("its pixels are not those that were written")
  return Result.succeed({ ...about, pixels })
}
