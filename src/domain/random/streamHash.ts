const encoder = new TextEncoder()

/**
 * The 64-bit FNV-1a hash of the UTF-8 bytes of `text`, as its `[low, high]` 32-bit words (signed).
 * It is not proof against people who look for collisions; the names of streams are chosen by this library.
 * Source: G. Fowler, L. Noll, K.-P. Vo, D. Eastlake: The FNV non-cryptographic hash algorithm (RFC 9923).
 */
export const fnv1a64 = (text: string): readonly [low: number, high: number] => {
  // Offset basis 0xcbf29ce484222325.
  let low = 0x84222325
  let high = 0xcbf29ce4
  for (const byte of encoder.encode(text)) {
    low = (low ^ byte) >>> 0
    // The prime is 2^40 + 0x1b3. The product of 0x1b3 and a 32-bit word is exact in a double.
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) | 0
    low = product >>> 0
  }
  return [low | 0, high | 0]
}
