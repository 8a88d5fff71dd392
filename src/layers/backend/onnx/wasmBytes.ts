/** The part of WebAssembly's binary format (specification 2.0, chapter 5, with SIMD) that kernels are written in. */

export type Bytes = ReadonlyArray<number>

/** An unsigned integer, in LEB128. */
export const unsigned = (value: number): Bytes =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]

/** A signed integer, in LEB128. */
const signed = (value: number): Bytes => {
  const low = value & 0x7f
  const rest = value >> 7
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
  return done ? [low] : [low | 0x80, ...signed(rest)]
}

const vector = (items: ReadonlyArray<Bytes>): Bytes => [...unsigned(items.length), ...items.flat()]

const section = (id: number, content: Bytes): Bytes => [id, ...unsigned(content.length), ...content]

const text = (value: string): Bytes => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

export const valueType = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const

const simd = (code: number): Bytes => [0xfd, ...unsigned(code)]

/** Where in memory: an address that is a multiple of four bytes (the 2), and so many bytes past it. */
const access = (offset: number): Bytes => [2, ...unsigned(offset)]

/** Instructions, by their names in the specification; those on four float32 numbers by the bare name of what they do. */
export const instruction = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  br: (label: number): Bytes => [0x0c, ...unsigned(label)],
  brIf: (label: number): Bytes => [0x0d, ...unsigned(label)],
  get: (local: number): Bytes => [0x20, ...unsigned(local)],
  set: (local: number): Bytes => [0x21, ...unsigned(local)],
  i32Const: (value: number): Bytes => [0x41, ...signed(value)],
  f32Const: (value: number): Bytes => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  i32Load: (offset: number): Bytes => [0x28, ...access(offset)],
  i32Store: (offset: number): Bytes => [0x36, ...access(offset)],
  i32GeU: [0x4f],
  i32Add: [0x6a],
  i32And: [0x71],
  i32Shl: [0x74],
  i32ShrU: [0x76],
  load: [...simd(0x00), ...access(0)],
  store: [...simd(0x0b), ...access(0)],
  /** Stores a vector so many bytes past an address. */
  storeAt: (offset: number): Bytes => [...simd(0x0b), ...access(offset)],
  /** Loads and stores one lane of 32 bits. */
  loadLane: (lane: number): Bytes => [...simd(0x56), ...access(0), lane],
  storeLane: (offset: number, lane: number): Bytes => [...simd(0x5a), ...access(offset), lane],
  /** A vector of 16 bytes. */
  constant: (lanes: Int32Array | BigInt64Array | Float64Array): Bytes => [
    ...simd(0x0c),
    ...new Uint8Array(lanes.buffer, lanes.byteOffset, 16)
  ],
  /** Four lanes of 32 bits out of the eight of two vectors. */
  shuffle: (...lanes: readonly [number, number, number, number]): Bytes => [
    ...simd(0x0d),
    ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
  ],
  and: simd(0x4e),
  or: simd(0x50),
  xor: simd(0x51),
  bitselect: simd(0x52),
  splat: simd(0x13),
  negate: simd(0xe1),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  subtract: simd(0xe5),
  multiply: simd(0xe6),
  divide: simd(0xe7)
} as const

/** Instructions on four integers of 32 bits. */
export const i32x4 = {
  splat: simd(0x11),
  ltU: simd(0x3a),
  gtS: simd(0x3b),
  bitmask: simd(0xa4),
  shl: simd(0xab),
  shrS: simd(0xac),
  shrU: simd(0xad),
  add: simd(0xae),
  subtract: simd(0xb1)
} as const

/** Instructions on two integers of 64 bits. */
export const i64x2 = {
  shl: simd(0xcb),
  shrU: simd(0xcd),
  add: simd(0xce),
  subtract: simd(0xd1),
  gtS: simd(0xd9)
} as const

/** Instructions on two float64 numbers. */
export const f64x2 = {
  abs: simd(0xec),
  negate: simd(0xed),
  sqrt: simd(0xef),
  add: simd(0xf0),
  subtract: simd(0xf1),
  multiply: simd(0xf2),
  divide: simd(0xf3),
  /** Of the first two of four signed integers of 32 bits. */
  convertLow: simd(0xfe),
  /** To the first two of four float32 numbers; the others become 0. */
  demote: simd(0x5e)
} as const

/**
 * A module of one function, exported as `run`, without a result, over a memory imported as `fovea.memory`.
 * `locals` are those after the parameters.
 */
export const moduleOf = (
  parameters: ReadonlyArray<number>,
  locals: ReadonlyArray<{ readonly count: number; readonly type: number }>,
  body: Bytes
): Uint8Array<ArrayBuffer> => {
  const code = [...vector(locals.map(({ count, type }) => [...unsigned(count), type])), ...body, ...instruction.end]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector(parameters.map((type) => [type])), ...vector([])]])),
    ...section(2, vector([[...text("fovea"), ...text("memory"), 0x02, 0x00, ...unsigned(0)]])),
    ...section(3, vector([unsigned(0)])),
    ...section(7, vector([[...text("run"), 0x00, ...unsigned(0)]])),
    ...section(10, vector([[...unsigned(code.length), ...code]]))
  ])
}
