/** Markers without a length. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)

/**
 * A JPEG file without what decoders warn of though every pixel is sound, as some phones and editors write it: wrong spectral numbers in
 * the scan header of a sequential image (ITU-T T.81, B.2.3, lets them have one value), bytes between segments, an unknown
 * colour transform in Adobe's segment. `undefined` if there is nothing of that, or no way through the segments.
 */
export const tidyJpeg = (file: Uint8Array): Uint8Array | undefined => {
  const parts: Array<Uint8Array> = [file.subarray(0, 2)]
  let changed = false
  let sequential = false
  const patched = (segment: Uint8Array, at: number, values: ReadonlyArray<number>): Uint8Array => {
    if (values.every((value, i) => segment[at + i] === value)) return segment
    changed = true
    const copy = segment.slice()
    copy.set(values, at)
    return copy
  }
  for (let at = 2; at < file.length; ) {
    const start = file.indexOf(0xff, at)
    let code = start
    while (file[code] === 0xff) code++
    const marker = file[code]
    if (start < 0 || marker === undefined) return undefined
    // Not a marker, but 0xff within the bytes that lie between segments.
    if (marker === 0 || isBare(marker)) {
      at = code + 1
      changed = true
      continue
    }
    if (start > at) changed = true
    if (marker === 0xd9) {
      parts.push(file.subarray(code - 1))
      break
    }
    const length = 256 * (file[code + 1] ?? 0) + (file[code + 2] ?? 0)
    const segment = file.subarray(code - 1, code + 1 + length)
    if (length < 2 || segment.length < 2 + length) return undefined
    at = code + 1 + length
    if (marker === 0xc0 || marker === 0xc1) sequential = true
    if (marker === 0xee && String.fromCharCode(...segment.subarray(4, 9)) === "Adobe" && (segment[15] ?? 0) > 2) {
      // What decoders take it for.
      parts.push(patched(segment, 15, [1]))
    } else if (marker === 0xda) {
      const components = segment[4] ?? 0
      const fits = length === 6 + 2 * components
      parts.push(sequential && fits ? patched(segment, 5 + 2 * components, [0, 63, 0]) : segment)
      const end = endOfScan(file, at)
      parts.push(file.subarray(at, end))
      at = end
    } else {
      parts.push(segment)
    }
  }
  if (!changed) return undefined
  return concatenated(parts)
}

/** Where the next segment begins behind a scan's coded pixels, which hold 0xff only before a zero or a restart's marker. */
const endOfScan = (file: Uint8Array, from: number): number => {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1]
    if (next !== undefined && next !== 0 && next !== 0xff && !isBare(next)) return at
  }
  return file.length
}

const concatenated = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
