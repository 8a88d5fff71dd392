import { type NoiseKey, randomWords } from "./noise.ts"

/**
 * A uniformly random order of `0 .. count - 1`: Fisher and Yates's shuffle (Knuth, The Art of Computer Programming 2,
 * 3.4.2, algorithm P), drawn from the words of `key`.
 *
 * Each draw from `0 .. n - 1` rejects the words past the largest multiple of `n`, so none is favoured; the words
 * of rejected draws are skipped, and the order stays a pure function of `key` and `count`.
 * Throws a `RangeError` if `count` is not an integer within 0 .. 2^32, or for a bad key as `randomWords` does.
 */
export const permutation = (key: NoiseKey, count: number): Uint32Array => {
  if (!Number.isInteger(count) || count < 0 || count > 0x1_0000_0000) {
    throw new RangeError(`Only 0 to 2^32 things can be put in order, not ${count}`)
  }
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i

  let words = randomWords(key, count)
  let offset = 0
  let next = 0
  for (let last = count - 1; last > 0; last--) {
    const choices = last + 1
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % choices)
    let word = limit
    while (word >= limit) {
      if (next === words.length) {
        offset += words.length
        words = randomWords(key, 64, offset)
        next = 0
      }
      word = (words[next++] ?? 0) >>> 0
    }
    const chosen = word % choices
    const moved = order[last] ?? 0
    order[last] = order[chosen] ?? 0
    order[chosen] = moved
  }
  return order
}
