import type { Bytes } from "./wasmBytes.ts"
import { signed, simd, unsigned } from "./wasmBytes.ts"

/** Single numbers, of 32 bits. */
export type Scalar = "i32" | "f32"

/** Vectors of 128 bits, by what they hold. */
export type Vector = "f32x4" | "f64x2" | "i32x4" | "i64x2"

/** Code that computes one value of a type. Code that occurs twice is run twice: `KernelWriter.keep` makes a value once. */
export interface Code<T extends Scalar | Vector> {
  readonly type: T
  readonly bytes: Bytes
}

type AnyCode = Code<Scalar | Vector>

/** Operands, then the instruction that takes them. */
export const code = <T extends Scalar | Vector>(
  type: T,
  operands: ReadonlyArray<AnyCode>,
  instruction: Bytes
): Code<T> => ({ type, bytes: [...operands.flatMap(({ bytes }) => bytes), ...instruction] })

const unary =
  <T extends Scalar | Vector>(type: T, instruction: Bytes) =>
  (value: Code<T>): Code<T> =>
    code(type, [value], instruction)

const binary =
  <T extends Scalar | Vector>(type: T, instruction: Bytes) =>
  (left: Code<T>, right: Code<T>): Code<T> =>
    code(type, [left, right], instruction)

/** A shift of every lane by as many bits. */
const shift =
  <T extends Scalar | Vector>(type: T, instruction: Bytes) =>
  (value: Code<T>, bits: number): Code<T> =>
    code(type, [value, i32.constant(bits)], instruction)

const vectorOf = (lanes: Float64Array | Int32Array | BigInt64Array): Bytes => [
  ...simd(0x0c),
  ...new Uint8Array(lanes.buffer)
]

/** How an address is aligned, to four bytes (the 2), and how many bytes past it is meant. */
const access = (offset: number): Bytes => [2, ...unsigned(offset)]

/** An integer of 32 bits: a count, an address in bytes. */
export const i32 = {
  constant: (value: number): Code<"i32"> => code("i32", [], [0x41, ...signed(value)]),
  load: (address: Code<"i32">, offset = 0): Code<"i32"> => code("i32", [address], [0x28, ...access(offset)]),
  add: binary("i32", [0x6a]),
  and: binary("i32", [0x71]),
  shiftLeft: shift("i32", [0x74]),
  shiftRightUnsigned: shift("i32", [0x76]),
  notBelowUnsigned: binary("i32", [0x4f]),
  /** The top bit of each lane: of lane i it is bit i. */
  topBits: (value: Code<"i32x4">): Code<"i32"> => code("i32", [value], simd(0xa4))
}

export const f32 = {
  constant: (value: number): Code<"f32"> => code("f32", [], [0x43, ...new Uint8Array(Float32Array.of(value).buffer)])
}

/** Four float32 numbers. */
export const f32x4 = {
  load: (address: Code<"i32">): Code<"f32x4"> => code("f32x4", [address], [...simd(0x00), ...access(0)]),
  /** Four times the same. */
  splat: (value: Code<"f32">): Code<"f32x4"> => code("f32x4", [value], simd(0x13)),
  negate: unary("f32x4", simd(0xe1)),
  sqrt: unary("f32x4", simd(0xe3)),
  add: binary("f32x4", simd(0xe4)),
  subtract: binary("f32x4", simd(0xe5)),
  multiply: binary("f32x4", simd(0xe6)),
  divide: binary("f32x4", simd(0xe7)),
  /** Rounds two float64 numbers to the first two; the others are 0. */
  rounded: (value: Code<"f64x2">): Code<"f32x4"> => code("f32x4", [value], simd(0x5e))
}

/** Two float64 numbers. */
export const f64x2 = {
  constant: (value: number): Code<"f64x2"> => code("f64x2", [], vectorOf(Float64Array.of(value, value))),
  /** The first two of four signed integers. */
  ofIntegers: (value: Code<"i32x4">): Code<"f64x2"> => code("f64x2", [value], simd(0xfe)),
  abs: unary("f64x2", simd(0xec)),
  negate: unary("f64x2", simd(0xed)),
  sqrt: unary("f64x2", simd(0xef)),
  add: binary("f64x2", simd(0xf0)),
  subtract: binary("f64x2", simd(0xf1)),
  multiply: binary("f64x2", simd(0xf2)),
  divide: binary("f64x2", simd(0xf3))
}

/** Four integers of 32 bits. Comparisons give -1 where they hold and 0 where not. */
export const i32x4 = {
  constant: (a: number, b = a, c = a, d = a): Code<"i32x4"> => code("i32x4", [], vectorOf(Int32Array.of(a, b, c, d))),
  splat: (value: Code<"i32">): Code<"i32x4"> => code("i32x4", [value], simd(0x11)),
  /** `vector` with what lies at an address in one lane. */
  loadLane: (address: Code<"i32">, vector: Code<"i32x4">, lane: number): Code<"i32x4"> =>
    code("i32x4", [address, vector], [...simd(0x56), ...access(0), lane]),
  add: binary("i32x4", simd(0xae)),
  subtract: binary("i32x4", simd(0xb1)),
  belowUnsigned: binary("i32x4", simd(0x3a)),
  above: binary("i32x4", simd(0x3b)),
  shiftLeft: shift("i32x4", simd(0xab)),
  shiftRight: shift("i32x4", simd(0xac)),
  shiftRightUnsigned: shift("i32x4", simd(0xad))
}

/** Two integers of 64 bits. Comparisons as of `i32x4`. */
export const i64x2 = {
  constant: (value: bigint): Code<"i64x2"> => code("i64x2", [], vectorOf(BigInt64Array.of(value, value))),
  add: binary("i64x2", simd(0xce)),
  subtract: binary("i64x2", simd(0xd1)),
  above: binary("i64x2", simd(0xd9)),
  shiftLeft: shift("i64x2", simd(0xcb)),
  shiftRightUnsigned: shift("i64x2", simd(0xcd))
}

/** The same 128 bits as another type. Costs nothing. */
export const bitsAs = <T extends Vector>(type: T, value: Code<Vector>): Code<T> => ({ type, bytes: value.bytes })

/** What is done bit by bit, whatever the bits mean. */
export const bits = {
  and: <T extends Vector>(left: Code<T>, right: Code<T>): Code<T> => code(left.type, [left, right], simd(0x4e)),
  or: <T extends Vector>(left: Code<T>, right: Code<T>): Code<T> => code(left.type, [left, right], simd(0x50)),
  xor: <T extends Vector>(left: Code<T>, right: Code<T>): Code<T> => code(left.type, [left, right], simd(0x51)),
  /** Those of `yes` where those of `where` are set, of `no` elsewhere. */
  select: <T extends Vector>(where: Code<Vector>, yes: Code<T>, no: Code<T>): Code<T> =>
    code(yes.type, [yes, no, where], simd(0x52))
}

/** Four lanes of 32 bits out of the four of `a` (0 to 3) and the four of `b` (4 to 7). */
export const lanesOf = <T extends "f32x4" | "i32x4">(
  a: Code<T>,
  b: Code<T>,
  ...lanes: readonly [number, number, number, number]
): Code<T> =>
  code(a.type, [a, b], [...simd(0x0d), ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))])
