/** WebAssembly's binary format (specification 2.0, chapter 5): numbers, and modules of one function. */

export type Bytes = ReadonlyArray<number>

/** An unsigned integer, in LEB128. */
export const unsigned = (value: number): Bytes =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]

/** A signed integer, in LEB128. */
export const signed = (value: number): Bytes => {
  const low = value & 0x7f
  const rest = value >> 7
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
  return done ? [low] : [low | 0x80, ...signed(rest)]
}

/** The opcode of an instruction on vectors. */
export const simd = (opcode: number): Bytes => [0xfd, ...unsigned(opcode)]

const list = (items: ReadonlyArray<Bytes>): Bytes => [...unsigned(items.length), ...items.flat()]

const section = (id: number, content: Bytes): Bytes => [id, ...unsigned(content.length), ...content]

const text = (value: string): Bytes => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

/** The bytes that name the types of parameters and locals. */
export const valueType = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const

/** How a module is to be given its memory: one that only its thread has, or one that several share. */
export type MemoryKind = "own" | "shared"

/** Any size; a shared memory has a greatest one, here of all that 32 bits address. */
const limits: { readonly [K in MemoryKind]: Bytes } = {
  own: [0x00, ...unsigned(0)],
  shared: [0x03, ...unsigned(0), ...unsigned(65_536)]
}

/**
 * A module of one function, exported as `run`, without a result, over a memory imported as `fovea.memory`.
 * `locals` are the types of those after the parameters, `body` is its code without the end.
 */
export const moduleOf = (
  parameters: ReadonlyArray<number>,
  locals: ReadonlyArray<number>,
  body: Bytes,
  memory: MemoryKind
): Uint8Array<ArrayBuffer> => {
  const code = [...list(locals.map((type) => [...unsigned(1), type])), ...body, 0x0b]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([[0x60, ...list(parameters.map((type) => [type])), ...list([])]])),
    ...section(2, list([[...text("fovea"), ...text("memory"), 0x02, ...limits[memory]]])),
    ...section(3, list([unsigned(0)])),
    ...section(7, list([[...text("run"), 0x00, ...unsigned(0)]])),
    ...section(10, list([[...unsigned(code.length), ...code]]))
  ])
}
