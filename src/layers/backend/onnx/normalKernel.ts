import { central, nearTail } from "../../../domain/random/inverseNormal.ts"
import { bits, bitsAs, type Code, f32x4, f64x2, i32, i32x4, i64x2, lanesOf } from "./kernelCode.ts"
import { type KernelWriter, kernelOf, type Variable } from "./kernelWriter.ts"
import { writeLogarithm } from "./logarithmCode.ts"
import { writeBlocks } from "./threefryCode.ts"

const { add, subtract, multiply, divide } = f64x2
const { and, or, xor } = bits

/**
 * Where a kernel of normal numbers has what it works with, in bytes: random words, what it makes of them, and the
 * addresses of the words whose numbers lie in the tails. The words are followed by one that fills up the last pair of tails.
 */
export const normalLayout = (() => {
  const words = 4096
  const bytes = 4 * words
  const values = bytes + 16
  const tails = 2 * values
  return { words, values, tails, bytes: tails + bytes + 16 }
})()

/** Horner's rule, with the operations of `inverseNormal` in its order. */
const polynomial = (coefficients: ReadonlyArray<Code<"f64x2">>, r: Code<"f64x2">): Code<"f64x2"> =>
  coefficients.reduce((sum, coefficient) => add(multiply(sum, r), coefficient))

/**
 * Writes the kernel of `standardNormal`, equal to it to the bit: a WebAssembly module whose
 * `run(bytes, key (four words), counter (four words))` leaves the normal numbers of this many bytes of random words, a multiple of
 * 64 and at most those of `normalLayout.words`, at `normalLayout.values` of a memory of `normalLayout.bytes`.
 *
 * Threefry makes four blocks at a time; the middle part of the quantile is computed of all words, two at a time, and the tails, 15
 * of 100, are noted and done afterwards, so that nothing depends on a branch that nobody can predict.
 */
export const writeNormalKernel = (): Uint8Array<ArrayBuffer> =>
  kernelOf({ integers: 9, numbers: 0 }, (writer) => {
    // How far it has come in the words, and where the list of tails ends.
    const [at, end] = [writer.variable("i32"), writer.variable("i32")]
    writeMiddle(writer, at, end)
    writeTails(writer, at, end)
  })

/** The words, the numbers that are right for those in the middle, and the list of those in the tails. */
const writeMiddle = (writer: KernelWriter, at: Variable<"i32">, end: Variable<"i32">): void => {
  const { keep, variable, store } = writer
  const number = (value: number) => keep(f64x2.constant(value))
  const [half, scale, pivot] = [number(0.5), number(2 ** -32), number(central.pivot)]
  const numerator = central.quotient.numerator.map(number)
  const denominator = central.quotient.denominator.map(number)
  // With q = (word + 1/2) 2^-32 the words in the middle are those from ~last to last.
  const last = keep(i32x4.constant(Math.floor(central.bound * 2 ** 32 - 0.5)))
  const [q, r] = [variable("f64x2"), variable("f64x2")]
  const mask = variable("i32")
  /** The numbers of the first two of four words. */
  const quantiles = (words: Code<"i32x4">): Code<"f32x4"> => {
    q.assign(multiply(add(f64x2.ofIntegers(words), half), scale))
    r.assign(subtract(pivot, multiply(q.value, q.value)))
    return f32x4.rounded(divide(multiply(q.value, polynomial(numerator, r.value)), polynomial(denominator, r.value)))
  }

  writeBlocks(writer, at, (words) => {
    words.forEach((word, i) => {
      store(at.value, word, 16 * i)
      const front = keep(quantiles(word))
      const back = quantiles(lanesOf(word, word, 2, 3, 2, 3))
      store(at.value, lanesOf(front, back, 0, 1, 4, 5), normalLayout.values + 16 * i)
      const magnitude = xor(word, i32x4.shiftRight(word, 31))
      mask.assign(i32.topBits(i32x4.above(magnitude, last)))
      // Every address is written down, and the list is longer by it, four bytes, only if the word's bit is set.
      bitsAsFour.forEach((moved, lane) => {
        store(end.value, i32.add(at.value, i32.constant(16 * i + 4 * lane)), normalLayout.tails)
        end.assign(i32.add(end.value, i32.and(moved(mask.value), i32.constant(4))))
      })
    })
  })
}

/** Moves bit 0, 1, 2 or 3 to where it counts as four. */
const bitsAsFour: ReadonlyArray<(mask: Code<"i32">) => Code<"i32">> = [
  (mask) => i32.shiftLeft(mask, 2),
  (mask) => i32.shiftLeft(mask, 1),
  (mask) => mask,
  (mask) => i32.shiftRightUnsigned(mask, 1)
]

/** The numbers of the words in the list of tails, two at a time, in the places of those that the middle part gave them. */
const writeTails = (writer: KernelWriter, at: Variable<"i32">, end: Variable<"i32">): void => {
  const { keep, store, storeLane, loop } = writer
  const number = (value: number) => keep(f64x2.constant(value))
  const [half, scale, pivot] = [number(0.5), number(2 ** -32), number(nearTail.pivot)]
  const numerator = nearTail.quotient.numerator.map(number)
  const denominator = nearTail.quotient.denominator.map(number)
  const sign = keep(bitsAs("f64x2", i64x2.constant(-(2n ** 63n))))
  const logarithm = writeLogarithm(writer)
  // The word after the last fills up a pair.
  store(end.value, i32.constant(4 * normalLayout.words), normalLayout.tails)
  at.assign(i32.constant(0))
  const address = (lane: number): Code<"i32"> => i32.load(at.value, normalLayout.tails + 4 * lane)
  loop(at, end.value, 8, () => {
    const pair = i32x4.loadLane(address(1), i32x4.loadLane(address(0), i32x4.constant(0), 0), 1)
    const q = keep(multiply(add(f64x2.ofIntegers(pair), half), scale))
    // 1/2 - |q| is exact, and p or 1 - p.
    const tail = keep(subtract(half, f64x2.abs(q)))
    const s = f64x2.sqrt(f64x2.negate(logarithm(tail)))
    const r = keep(subtract(s, pivot))
    const magnitude = divide(polynomial(numerator, r), polynomial(denominator, r))
    const result = keep(f32x4.rounded(or(magnitude, and(q, sign))))
    storeLane(address(0), result, 0, normalLayout.values)
    storeLane(address(1), result, 1, normalLayout.values)
  })
}
