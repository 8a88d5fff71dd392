import { inverseNormal } from "./inverseNormal.ts"
import { fnv1a64 } from "./streamHash.ts"
import { BLOCK_WORDS, fillThreefry, type Words } from "./threefry.ts"

/**
 * Says which random numbers are meant. Value `i` of a key is a pure function of the key and `i`, so a slice, a shard,
 * another backend and a resumed run all see the same numbers. Keys that differ in any field are independent.
 */
export interface NoiseKey {
  /** The run's seed: a non-negative safe integer. */
  readonly seed: number
  /** What the numbers are for, such as `generator/z` or `data/order`: each use has its own name. */
  readonly stream: string
  /** The update (or epoch, ...) they are for: a non-negative safe integer. */
  readonly step: number
}

const requireNatural = (value: number, name: string): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a non-negative safe integer, not ${value}`)
  }
}

const highWord = (value: number): number => Math.floor(value / 0x1_0000_0000) | 0

/**
 * What Threefry makes the words of `key` of, from the block on that holds the one at `offset`: the generator's key is
 * `[seed low, seed high, hash low, hash high]`, hash being `fnv1a64` of the stream's name; its counter is
 * `[block low, block high, step low, step high]`. `skip` words of that block come before the one at `offset`.
 * Throws a `RangeError` if the seed, the step, the length or the offset is not a non-negative safe integer.
 */
export const generatorAt = (
  key: NoiseKey,
  length: number,
  offset: number
): { readonly generatorKey: Words; readonly counter: Words; readonly skip: number } => {
  requireNatural(key.seed, "NoiseKey.seed")
  requireNatural(key.step, "NoiseKey.step")
  requireNatural(length, "The number of random values")
  requireNatural(offset, "The offset of random values")
  requireNatural(offset + length, "The end of the random values")
  const hash = fnv1a64(key.stream)
  const block = Math.floor(offset / BLOCK_WORDS)
  return {
    generatorKey: [key.seed | 0, highWord(key.seed), hash[0], hash[1]],
    counter: [block | 0, highWord(block), key.step | 0, highWord(key.step)],
    skip: offset % BLOCK_WORDS
  }
}

/**
 * The random 32-bit words with indices `offset .. offset + length - 1` of `key`, signed.
 * Throws as `generatorAt` does.
 */
export const randomWords = (key: NoiseKey, length: number, offset = 0): Int32Array => {
  const { generatorKey, counter, skip } = generatorAt(key, length, offset)
  const words = new Int32Array(length)
  fillThreefry(words, generatorKey, counter, skip)
  return words
}

/**
 * The values with indices `offset .. offset + length - 1` of the uniform distribution on [0, 1): multiples of 2^-24,
 * so that each is a float32 number and 1 is never reached by rounding. `draw` is `randomWords`, or what is equal to it.
 * Throws as `randomWords` does.
 */
export const uniform = (
  key: NoiseKey,
  length: number,
  offset = 0,
  draw: typeof randomWords = randomWords
): Float32Array => {
  const words = draw(key, length, offset)
  // Words become values in place: both are four bytes, and word i is read before value i is written.
  const values = new Float32Array(words.buffer)
  for (let i = 0; i < length; i++) values[i] = ((words[i] ?? 0) >>> 8) * 2 ** -24
  return values
}

/**
 * The standard normal value of a signed random word: the quantile at `(word + 1/2) / 2^32 + 1/2`. The half keeps the
 * probability within (0, 1), so that no word gives infinity, and symmetric about 1/2; it is exact, since it needs 33
 * bits.
 */
export const normalOfWord = (word: number): number => inverseNormal(0.5 + (word + 0.5) * 2 ** -32)

/**
 * The values with indices `offset .. offset + length - 1` of the normal distribution with mean 0 and variance 1:
 * `normalOfWord` rounded to float32, so symmetric about 0 and always finite. The largest is
 * 6.338, beyond which a true normal variable lies once in 4 10^9 draws. The tails use `Math.log`, whose last bit
 * other JavaScript engines may round otherwise; after rounding to float32 that is seen in about one value of 10^9.
 * Throws as `randomWords` does.
 */
export const standardNormal = (key: NoiseKey, length: number, offset = 0): Float32Array => {
  const words = randomWords(key, length, offset)
  const values = new Float32Array(words.buffer)
  for (let i = 0; i < length; i++) values[i] = normalOfWord(words[i] ?? 0)
  return values
}

/**
 * The values with indices `offset .. offset + length - 1` of the distribution that is 1 with the given probability
 * (to 2^-32; exactly for 0 and 1) and 0 otherwise. `draw` is `randomWords`, or what is equal to it.
 * Throws as `randomWords` does, and a `RangeError` if `probability` is not within [0, 1].
 */
export const bernoulli = (
  key: NoiseKey,
  probability: number,
  length: number,
  offset = 0,
  draw: typeof randomWords = randomWords
): Float32Array => {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`A probability must be within [0, 1], not ${probability}`)
  }
  const words = draw(key, length, offset)
  const values = new Float32Array(words.buffer)
  const threshold = probability * 0x1_0000_0000
  // `word < threshold` as arithmetic: the floor is -1 or 0. A branch as unpredictable as this one costs several times
  // as much.
  for (let i = 0; i < length; i++) values[i] = 0 - Math.floor((((words[i] ?? 0) >>> 0) - threshold) * 2 ** -32)
  return values
}
