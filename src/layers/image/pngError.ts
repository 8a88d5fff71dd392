import { crc32 } from "node:zlib"

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** A chunk's length, type and checksum. */
const CHUNK_BYTES = 12

/**
 * What is wrong with the bytes of a PNG file, or `undefined`: every chunk has its CRC-32 (ISO/IEC 15948, 5.3), the last one
 * is IEND, and nothing follows it. Nothing is decoded.
 */
export const pngError = (bytes: Uint8Array): string | undefined => {
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) return "it does not begin as a PNG does"
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE.length
  while (at + CHUNK_BYTES <= bytes.length) {
    const length = view.getUint32(at)
    const end = at + CHUNK_BYTES + length
    if (end > bytes.length) break
    if (view.getUint32(end - 4) !== crc32(bytes.subarray(at + 4, end - 4))) {
      return `the chunk at byte ${at} does not have the checksum that it states`
    }
    const isLast = String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === "IEND"
    if (isLast) return end === bytes.length ? undefined : `${bytes.length - end} bytes follow its end`
    at = end
  }
  return "it is cut short"
}
