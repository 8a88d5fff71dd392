/** What the header of a PNG file says. */
export interface PngHeader {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey with alpha, 3 RGB (or a palette of it), 4 RGB with alpha. */
  readonly channels: number
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const channelsOfColourType: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [3, 3],
  [4, 2],
  [6, 4]
])

/** Size and channels from the first chunk of a PNG file (PNG, section 11.2.2); `undefined` of any other bytes. */
export const pngHeader = (bytes: Uint8Array): PngHeader | undefined => {
  if (bytes.length < 33 || !signature.every((byte, i) => bytes[i] === byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const channels = channelsOfColourType.get(view.getUint8(25))
  return channels === undefined ? undefined : { width: view.getUint32(16), height: view.getUint32(20), channels }
}
