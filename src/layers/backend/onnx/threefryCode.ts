import { PARITY } from "../../../domain/random/threefry.ts"
import { bits, type Code, i32x4, lanesOf } from "./kernelCode.ts"
import type { KernelWriter, Variable } from "./kernelWriter.ts"

const { or, xor } = bits

type Words = Code<"i32x4">

type Four<A> = readonly [A, A, A, A]

/** Of `first` and the three numbers after it. */
const fourOf = <A>(of: (index: number) => A, first: number): Four<A> => [
  of(first),
  of(first + 1),
  of(first + 2),
  of(first + 3)
]

/** Two pairs of words that a round mixes (the second of a pair is the one that is turned), and how far they are turned. */
const rounds = [
  [0, 1, 10, 2, 3, 26],
  [0, 3, 11, 2, 1, 21],
  [0, 1, 13, 2, 3, 27],
  [0, 3, 23, 2, 1, 5],
  [0, 1, 6, 2, 3, 20],
  [0, 3, 17, 2, 1, 11],
  [0, 1, 25, 2, 3, 10],
  [0, 3, 18, 2, 1, 20]
] as const

/**
 * Writes `fillThreefry` for four blocks at a time: a function from the four words of their counters, each the vector of the
 * four blocks' words, to the blocks, one after the other. The key's words are vectors of four times the same.
 */
const writeThreefry = ({ keep, variable }: KernelWriter, key: Four<Words>) => {
  const parity = keep(key.reduce(xor, i32x4.constant(PARITY)))
  const keyWord = (i: number): Words => key[i % 5] ?? parity
  const turns = [0, 1, 2, 3, 4, 5].map((turn) => keep(i32x4.constant(turn)))
  const x = fourOf(() => variable("i32x4"), 0)
  const addKey = (turn: number): void =>
    x.forEach((word, i) => {
      const part = keyWord(turn + i)
      const turned = turns[turn]
      word.assign(i32x4.add(word.value, i < 3 || turned === undefined ? part : i32x4.add(part, turned)))
    })
  const mix = (a: 0 | 2, b: 1 | 3, turn: number): void => {
    const turned = or(i32x4.shiftLeft(x[b].value, turn), i32x4.shiftRightUnsigned(x[b].value, 32 - turn))
    x[a].assign(i32x4.add(x[a].value, x[b].value))
    x[b].assign(xor(turned, x[a].value))
  }
  return (counter: Four<Words>): Four<Words> => {
    counter.forEach((word, i) => {
      x[i]?.assign(word)
    })
    addKey(0)
    for (let round = 0; round < 20; round++) {
      const [a, b, turn, c, d, otherTurn] = rounds[round % 8] ?? rounds[0]
      mix(a, b, turn)
      mix(c, d, otherTurn)
      if (round % 4 === 3) addKey((round + 1) / 4)
    }
    // From the words of one place in four blocks to blocks.
    const [x0, x1, x2, x3] = [x[0].value, x[1].value, x[2].value, x[3].value]
    const [early01, early23] = [keep(lanesOf(x0, x1, 0, 4, 1, 5)), keep(lanesOf(x2, x3, 0, 4, 1, 5))]
    const [late01, late23] = [keep(lanesOf(x0, x1, 2, 6, 3, 7)), keep(lanesOf(x2, x3, 2, 6, 3, 7))]
    return [
      keep(lanesOf(early01, early23, 0, 1, 4, 5)),
      keep(lanesOf(early01, early23, 2, 3, 6, 7)),
      keep(lanesOf(late01, late23, 0, 1, 4, 5)),
      keep(lanesOf(late01, late23, 2, 3, 6, 7))
    ]
  }
}

/**
 * Writes the loop of a kernel that is run with a number of bytes, a multiple of 64, and the generator's key and counter, four words each: it
 * makes four blocks of words at a time, for which `write` writes what is done, while `at` counts their bytes.
 */
export const writeBlocks = (writer: KernelWriter, at: Variable<"i32">, write: (words: Four<Words>) => void): void => {
  const { integer, keep, variable, loop } = writer
  const [bytes, key, counter] = [integer(0), 1, 5]
  const splat = (place: number) => keep(i32x4.splat(integer(place)))
  const threefry = writeThreefry(writer, fourOf(splat, key))
  const [low, high, ...step] = fourOf(splat, counter)
  const block = variable("i32x4")
  block.assign(i32x4.constant(0, 1, 2, 3))
  const four = keep(i32x4.constant(4))
  loop(at, bytes, 64, () => {
    const first = keep(i32x4.add(low, block.value))
    // A lane that has passed 2^32 carries one: a comparison that holds is -1.
    const words = threefry([first, i32x4.subtract(high, i32x4.belowUnsigned(first, low)), ...step])
    block.assign(i32x4.add(block.value, four))
    write(words)
  })
}
