/** The constant that joins the four key words into the fifth (Salmon et al. 2011; as in Skein 1.3). */
export const PARITY = 0x1bd11bda

/** Words in one block. */
export const BLOCK_WORDS = 4

/** Four 32-bit words, each read modulo 2^32: the key of the generator, or its counter with the lowest word first. */
export type Words = readonly [number, number, number, number]

/**
 * Threefry-4x32 with 20 rounds: a counter-based generator, a bijection of the 128-bit counter for each 128-bit key
 * (J. Salmon, M. Moraes, R. Dror, D. Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011).
 *
 * Fills the whole of `words` with the random words of consecutive blocks, beginning with the block of `counter` and
 * leaving out its first `skip` (0 to 3) words. From block to block the lower 64 bits of the counter count up.
 * The words are signed; `word >>> 0` is the unsigned one.
 */
export const fillThreefry = (words: Int32Array, key: Words, counter: Words, skip = 0): void => {
  const k0 = key[0] | 0
  const k1 = key[1] | 0
  const k2 = key[2] | 0
  const k3 = key[3] | 0
  const k4 = PARITY ^ k0 ^ k1 ^ k2 ^ k3
  let c0 = counter[0] | 0
  let c1 = counter[1] | 0
  const c2 = counter[2] | 0
  const c3 = counter[3] | 0
  const length = words.length

  // `at` is where the block's first word goes; negative in the first block if words of it are left out.
  for (let at = -skip | 0; at < length; at += BLOCK_WORDS) {
    let x0 = (c0 + k0) | 0
    let x1 = (c1 + k1) | 0
    let x2 = (c2 + k2) | 0
    let x3 = (c3 + k3) | 0
    // The key's words, turned by one after each group of four rounds.
    let a = k0
    let b = k1
    let c = k2
    let d = k3
    let e = k4

    // Twenty rounds in five groups of four. A round is two times add, rotate, exclusive-or; the rotations of two groups are written
    // out: in a loop over tables of them V8 takes several times as long.
    for (let group = 1; ; group += 2) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 10) | (x1 >>> 22)) ^ x0
      x2 = (x2 + x3) | 0
      x3 = ((x3 << 26) | (x3 >>> 6)) ^ x2
      x0 = (x0 + x3) | 0
      x3 = ((x3 << 11) | (x3 >>> 21)) ^ x0
      x2 = (x2 + x1) | 0
      x1 = ((x1 << 21) | (x1 >>> 11)) ^ x2
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
      x2 = (x2 + x3) | 0
      x3 = ((x3 << 27) | (x3 >>> 5)) ^ x2
      x0 = (x0 + x3) | 0
      x3 = ((x3 << 23) | (x3 >>> 9)) ^ x0
      x2 = (x2 + x1) | 0
      x1 = ((x1 << 5) | (x1 >>> 27)) ^ x2
      x0 = (x0 + b) | 0
      x1 = (x1 + c) | 0
      x2 = (x2 + d) | 0
      x3 = (x3 + e + group) | 0
      if (group === 5) break

      x0 = (x0 + x1) | 0
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
      x2 = (x2 + x3) | 0
      x3 = ((x3 << 20) | (x3 >>> 12)) ^ x2
      x0 = (x0 + x3) | 0
      x3 = ((x3 << 17) | (x3 >>> 15)) ^ x0
      x2 = (x2 + x1) | 0
      x1 = ((x1 << 11) | (x1 >>> 21)) ^ x2
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 25) | (x1 >>> 7)) ^ x0
      x2 = (x2 + x3) | 0
      x3 = ((x3 << 10) | (x3 >>> 22)) ^ x2
      x0 = (x0 + x3) | 0
      x3 = ((x3 << 18) | (x3 >>> 14)) ^ x0
      x2 = (x2 + x1) | 0
      x1 = ((x1 << 20) | (x1 >>> 12)) ^ x2
      x0 = (x0 + c) | 0
      x1 = (x1 + d) | 0
      x2 = (x2 + e) | 0
      x3 = (x3 + a + group + 1) | 0
      const first = a
      const second = b
      a = c
      b = d
      c = e
      d = first
      e = second
    }

    c0 = (c0 + 1) | 0
    if (c0 === 0) c1 = (c1 + 1) | 0

    // The last block may reach past the end, the first one may begin before it.
    if (at >= 0 && at + BLOCK_WORDS <= length) {
      words[at] = x0
      words[at + 1] = x1
      words[at + 2] = x2
      words[at + 3] = x3
    } else {
      if (at >= 0) words[at] = x0
      if (at + 1 >= 0 && at + 1 < length) words[at + 1] = x1
      if (at + 2 >= 0 && at + 2 < length) words[at + 2] = x2
      if (at + 3 >= 0 && at + 3 < length) words[at + 3] = x3
    }
  }
}
