import { type Bytes, f64x2, i32x4, i64x2, instruction } from "./wasmBytes.ts"

const binary =
  (operation: Bytes) =>
  (left: Bytes, right: Bytes): Bytes => [...left, ...right, ...operation]

const shift =
  (operation: Bytes) =>
  (value: Bytes, by: number): Bytes => [...value, ...instruction.i32Const(by), ...operation]

/** Code for what is computed of vectors of two float64 numbers. */
export const float64 = {
  add: binary(f64x2.add),
  subtract: binary(f64x2.subtract),
  multiply: binary(f64x2.multiply),
  divide: binary(f64x2.divide)
}

/** Of four integers of 32 bits. Comparisons give -1 where they hold and 0 where not. */
export const int32 = {
  add: binary(i32x4.add),
  subtract: binary(i32x4.subtract),
  lessUnsigned: binary(i32x4.ltU),
  greater: binary(i32x4.gtS),
  shiftLeft: shift(i32x4.shl),
  shiftRight: shift(i32x4.shrS),
  shiftRightUnsigned: shift(i32x4.shrU)
}

/** Of two integers of 64 bits. */
export const int64 = {
  add: binary(i64x2.add),
  subtract: binary(i64x2.subtract),
  greater: binary(i64x2.gtS),
  shiftLeft: shift(i64x2.shl),
  shiftRightUnsigned: shift(i64x2.shrU)
}

/** Of 128 bits. */
export const bits = {
  and: binary(instruction.and),
  or: binary(instruction.or),
  xor: binary(instruction.xor),
  /** Those of `yes` where those of `where` are set, of `no` elsewhere. */
  select: (where: Bytes, yes: Bytes, no: Bytes): Bytes => [...yes, ...no, ...where, ...instruction.bitselect]
}

/** Four lanes of 32 bits out of the four of `a` (0 to 3) and the four of `b` (4 to 7). */
export const pick = (a: Bytes, b: Bytes, ...lanes: readonly [number, number, number, number]): Bytes => [
  ...a,
  ...b,
  ...instruction.shuffle(...lanes)
]

/** A kernel while it is written: its code so far, and its vectors, locals from `firstVector` on. */
export const makeWriter = (firstVector: number) => {
  const { get, set, i32Const, i32Add } = instruction
  const code: Array<Bytes> = []
  let vectors = 0
  const write = (...parts: ReadonlyArray<Bytes>): void => void code.push(...parts)
  const vector = () => {
    const local = firstVector + vectors++
    return { value: get(local), assign: (value: Bytes) => write(value, set(local)) }
  }
  /** A vector that is made once. */
  const keep = (value: Bytes): Bytes => {
    const kept = vector()
    kept.assign(value)
    return kept.value
  }
  return {
    write,
    vector,
    keep,
    // In locals: V8 builds a constant anew wherever it stands.
    number: (value: number): Bytes => keep(instruction.constant(Float64Array.of(value, value))),
    integer: (value: number): Bytes => keep(instruction.constant(Int32Array.of(value, value, value, value))),
    long: (value: bigint): Bytes => keep(instruction.constant(BigInt64Array.of(value, value))),
    /** Repeats `body` until the local `from` is no longer below `to`. */
    loop: (from: number, to: number, step: number, body: () => void): void => {
      write(instruction.block, instruction.loop, get(from), get(to), instruction.i32GeU, instruction.brIf(1))
      body()
      write(get(from), i32Const(step), i32Add, set(from), instruction.br(0), instruction.end, instruction.end)
    },
    finish: () => ({ body: code.flat(), vectors })
  }
}

export type Writer = ReturnType<typeof makeWriter>
