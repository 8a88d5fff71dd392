import { central, nearTail } from "../../../domain/random/inverseNormal.ts"
import { bits, float64, int32, makeWriter, pick, type Writer } from "./kernelWriter.ts"
import { writeLogarithm } from "./logarithmCode.ts"
import { fourOf, writeThreefry } from "./threefryCode.ts"
import { type Bytes, f64x2, i32x4, instruction, moduleOf, valueType } from "./wasmBytes.ts"

const { get, set, i32Const, i32Add, i32And } = instruction
const { add, subtract, multiply, divide } = float64
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

const parameters = { bytes: 0, key: 1, counter: 5 }
// Locals that are integers: how far it has come, where the list of tails ends, which of four words are tails.
const [at, end, mask] = [9, 10, 11]
const firstVector = 12

/** Horner's rule, with the operations of `inverseNormal` in its order. */
const polynomial = (coefficients: ReadonlyArray<Bytes>, r: Bytes): Bytes =>
  coefficients.reduce((sum, coefficient) => add(multiply(sum, r), coefficient))

/**
 * Writes the kernel of `standardNormal`, equal to it to the bit: a WebAssembly module whose
 * `run(bytes, key (four words), counter (four words))` leaves the normal numbers of so many bytes of random words, a multiple of
 * 64 and at most those of `normalLayout.words`, at `normalLayout.values` of a memory of `normalLayout.bytes`.
 *
 * Threefry makes four blocks at a time; the middle part of the quantile is computed of all words, two at a time, and the tails, 15
 * of 100, are noted and done afterwards, so that nothing depends on a branch that nobody can predict.
 */
export const writeNormalKernel = (): Uint8Array<ArrayBuffer> => {
  const writer = makeWriter(firstVector)
  writeMiddle(writer)
  writeTails(writer)
  const { body, vectors } = writer.finish()
  return moduleOf(
    Array.from({ length: 9 }, () => valueType.i32),
    [
      { count: firstVector - 9, type: valueType.i32 },
      { count: vectors, type: valueType.v128 }
    ],
    body
  )
}

/** Words, the numbers that are right for those in the middle, and the list of those in the tails. */
const writeMiddle = (writer: Writer): void => {
  const { write, keep, vector, number, integer, loop } = writer
  const splat = (local: number): Bytes => keep([...get(local), ...i32x4.splat])
  const threefry = writeThreefry(writer, fourOf(splat, parameters.key))
  const [low, high, ...step] = fourOf(splat, parameters.counter)
  const block = vector()
  block.assign(instruction.constant(Int32Array.of(0, 1, 2, 3)))
  const four = integer(4)
  const [half, scale, pivot] = [number(0.5), number(2 ** -32), number(central.pivot)]
  const numerator = central.quotient.numerator.map(number)
  const denominator = central.quotient.denominator.map(number)
  // With q = (word + 1/2) 2^-32 the words in the middle are those from ~last to last.
  const last = integer(Math.floor(central.bound * 2 ** 32 - 0.5))
  const [q, r] = [vector(), vector()]
  /** Leaves the numbers of the first two of four words on the stack. */
  const writeQuantiles = (words: Bytes): void => {
    q.assign(multiply(add([...words, ...f64x2.convertLow], half), scale))
    r.assign(subtract(pivot, multiply(q.value, q.value)))
    write(divide(multiply(q.value, polynomial(numerator, r.value)), polynomial(denominator, r.value)), f64x2.demote)
  }

  loop(at, parameters.bytes, 64, () => {
    const first = keep(int32.add(low, block.value))
    // A lane that has passed 2^32 carries one: a comparison that holds is -1.
    const words = threefry([first, int32.subtract(high, int32.lessUnsigned(first, low)), ...step])
    block.assign(int32.add(block.value, four))
    words.forEach((word, i) => {
      write(get(at), word, instruction.storeAt(16 * i))
      write(get(at))
      writeQuantiles(word)
      writeQuantiles(pick(word, word, 2, 3, 2, 3))
      write(instruction.shuffle(0, 1, 4, 5), instruction.storeAt(normalLayout.values + 16 * i))
      const magnitude = xor(word, int32.shiftRight(word, 31))
      write(int32.greater(magnitude, last), i32x4.bitmask, set(mask))
      // Every address is written down, and the list is longer by it, four bytes, only if the word's bit is set.
      bitsAsFour.forEach((moved, lane) => {
        write(get(end), get(at), i32Const(16 * i + 4 * lane), i32Add, instruction.i32Store(normalLayout.tails))
        write(get(end), get(mask), moved, i32Const(4), i32And, i32Add, set(end))
      })
    })
  })
}

/** Moves bit 0, 1, 2 or 3 to where it counts as four. */
const bitsAsFour: ReadonlyArray<Bytes> = [
  [...i32Const(2), ...instruction.i32Shl],
  [...i32Const(1), ...instruction.i32Shl],
  [],
  [...i32Const(1), ...instruction.i32ShrU]
]

/** Puts right the numbers of the words in the list of tails, two at a time. */
const writeTails = (writer: Writer): void => {
  const { write, keep, vector, number, long, loop } = writer
  const [half, scale, pivot] = [number(0.5), number(2 ** -32), number(nearTail.pivot)]
  const numerator = nearTail.quotient.numerator.map(number)
  const denominator = nearTail.quotient.denominator.map(number)
  const sign = long(-(2n ** 63n))
  const logarithm = writeLogarithm(writer)
  // The word after the last fills up a pair.
  write(get(end), i32Const(4 * normalLayout.words), instruction.i32Store(normalLayout.tails))
  write(i32Const(0), set(at))
  const address = (lane: number): Bytes => [...get(at), ...instruction.i32Load(normalLayout.tails + 4 * lane)]
  const result = vector()
  loop(at, end, 8, () => {
    const pair = [...address(1), ...address(0), ...i32Const(0), ...i32x4.splat, ...instruction.loadLane(0)]
    const q = keep(multiply(add([...pair, ...instruction.loadLane(1), ...f64x2.convertLow], half), scale))
    // 1/2 - |q| is exact, and p or 1 - p.
    const tail = keep(subtract(half, [...q, ...f64x2.abs]))
    const s = [...logarithm(tail), ...f64x2.negate, ...f64x2.sqrt]
    const r = keep(subtract(s, pivot))
    const magnitude = divide(polynomial(numerator, r), polynomial(denominator, r))
    result.assign([...or(magnitude, and(q, sign)), ...f64x2.demote])
    write(address(0), result.value, instruction.storeLane(normalLayout.values, 0))
    write(address(1), result.value, instruction.storeLane(normalLayout.values, 1))
  })
}
