/** The part of WebAssembly's binary format (specification 2.0, chapter 5, with SIMD) that update kernels are written in. */

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

/** Instructions, by their names in the specification. `align` 2 says that an address is a multiple of four bytes. */
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
  i32GeU: [0x4f],
  i32Add: [0x6a],
  load: [...simd(0x00), 2, 0],
  store: [...simd(0x0b), 2, 0],
  splat: simd(0x13),
  negate: simd(0xe1),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  subtract: simd(0xe5),
  multiply: simd(0xe6),
  divide: simd(0xe7)
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
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector(parameters.map((type) => [type])), ...vector([])]])),
    ...section(2, vector([[...text("fovea"), ...text("memory"), 0x02, 0x00, ...unsigned(0)]])),
    ...section(3, vector([unsigned(0)])),
    ...section(7, vector([[...text("run"), 0x00, ...unsigned(0)]])),
    ...section(10, vector([[...unsigned(code.length), ...code]]))
  ])
}
