const polynomial = 0x82f63b78

/** The remainder of every byte, for eight bits at a time. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1
  return remainder
})

/** The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4) as an unsigned number. */
export const crc32c = (bytes: Uint8Array): number => {
  let remainder = 0xffffffff
  for (const byte of bytes) remainder = (remainders[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8)
  return ~remainder >>> 0
}

/** The checksum as TFRecord files store it: rotated by 15 bits, plus a constant, so that a file of files is none. */
const masked = (bytes: Uint8Array): number => {
  const sum = crc32c(bytes)
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}

const lengthBytes = 8
const sumBytes = 4

/**
 * Data as one record of a TFRecord file: length (64 bits), checksum of the length, data, checksum of the data; all
 * little-endian.
 */
export const framedRecord = (data: Uint8Array): Uint8Array => {
  const record = new Uint8Array(lengthBytes + sumBytes + data.length + sumBytes)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(lengthBytes, masked(record.subarray(0, lengthBytes)), true)
  record.set(data, lengthBytes + sumBytes)
  view.setUint32(lengthBytes + sumBytes + data.length, masked(data), true)
  return record
}

/**
 * What is wrong with the bytes of a TFRecord file, in words, or how many whole records it holds and how many bytes come after
 * them. Such a rest, shorter than the record that it begins, is what a crash leaves.
 */
export const framingOf = (
  bytes: Uint8Array
): { readonly fault: string } | { readonly records: number; readonly rest: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let records = 0
  let at = 0
  while (at + lengthBytes + sumBytes <= bytes.length) {
    const begin = at + lengthBytes + sumBytes
    if (view.getUint32(at + lengthBytes, true) !== masked(bytes.subarray(at, at + lengthBytes))) {
      return { fault: `the length of record ${records + 1} (at byte ${at}) does not match its checksum` }
    }
    const end = begin + Number(view.getBigUint64(at, true))
    if (end + sumBytes > bytes.length) break
    if (view.getUint32(end, true) !== masked(bytes.subarray(begin, end))) {
      return { fault: `record ${records + 1} (at byte ${at}) does not match its checksum` }
    }
    records++
    at = end + sumBytes
  }
  return { records, rest: bytes.length - at }
}
