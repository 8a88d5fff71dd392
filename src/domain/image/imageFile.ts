import * as Result from "effect/Result"

/** An image's encoding and its size in pixels. */
export interface ImageFileFormat {
  readonly mediaType: "image/png" | "image/webp"
  readonly width: number
  readonly height: number
}

/** An image as a page holds it: a data URI, and the size that the browser keeps free for it. */
export interface EmbeddedImage {
  readonly source: string
  readonly width: number
  readonly height: number
}

/**
 * What a PNG or WebP file says of itself in its first bytes. Fails with what it is instead, to be put behind the file's name.
 * PNG: ISO/IEC 15948, 11.2.2 (IHDR). WebP: RFC 9649, 2.5-2.7 (`VP8 `, `VP8L`, `VP8X`).
 */
export const imageFileFormat = (bytes: Uint8Array): Result.Result<ImageFileFormat, string> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (textAt(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") {
    if (bytes.length < 24 || textAt(bytes, 12, 4) !== "IHDR") return Result.fail("is a PNG cut short in its header")
    return measured("image/png", view.getUint32(16), view.getUint32(20))
  }
  if (textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP") {
    if (bytes.length < 30) return Result.fail("is a WebP cut short in its header")
    switch (textAt(bytes, 12, 4)) {
      case "VP8X":
        return measured("image/webp", 1 + threeBytes(view, 24), 1 + threeBytes(view, 27))
      case "VP8L": {
        const packed = view.getUint32(21, true)
        return measured("image/webp", 1 + (packed & 0x3fff), 1 + ((packed >>> 14) & 0x3fff))
      }
      case "VP8 ":
        return measured("image/webp", view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)
    }
    return Result.fail("is a WebP without an image")
  }
  return Result.fail("is neither PNG nor WebP")
}

const measured = (
  mediaType: ImageFileFormat["mediaType"],
  width: number,
  height: number
): Result.Result<ImageFileFormat, string> =>
  width > 0 && height > 0
    ? Result.succeed({ mediaType, width, height })
    : Result.fail(`is an image of ${width} x ${height} pixels`)

const threeBytes = (view: DataView, at: number): number => view.getUint16(at, true) + 65_536 * view.getUint8(at + 2)

const textAt = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(start, start + length))
