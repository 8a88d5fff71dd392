import { type Code, code, i32, type Scalar, type Vector } from "./kernelCode.ts"
import { type Bytes, type MemoryKind, moduleOf, simd, unsigned, valueType } from "./wasmBytes.ts"

/** A value that may change. */
export interface Variable<T extends Scalar | Vector> {
  readonly value: Code<T>
  readonly assign: (value: Code<T>) => void
}

/** What a kernel is written with, statement by statement. */
export interface KernelWriter {
  /** The integer that is passed at a place, counted from 0. */
  readonly integer: (place: number) => Code<"i32">
  /** The number that is passed at a place after the integers, counted from 0. */
  readonly number: (place: number) => Code<"f32">
  /** A variable, 0 at first. */
  readonly variable: <T extends Scalar | Vector>(type: T) => Variable<T>
  /** A value that is made once, here. Constants too: V8 builds one anew wherever it occurs. */
  readonly keep: <T extends Scalar | Vector>(value: Code<T>) => Code<T>
  readonly store: (address: Code<"i32">, value: Code<"i32" | Vector>, offset?: number) => void
  /** Stores 32 bits of a vector. */
  readonly storeLane: (address: Code<"i32">, value: Code<"f32x4" | "i32x4">, lane: number, offset: number) => void
  /** Repeats `body` until `from`, which grows by `step`, is no longer below `to`. */
  readonly loop: (from: Variable<"i32">, to: Code<"i32">, step: number, body: () => void) => void
}

/**
 * A kernel as a WebAssembly module, for `startKernel`: a function of as many integers, then as many numbers, that works in
 * memory, its thread's own unless said otherwise. `write` writes it.
 */
export const kernelOf = (
  passed: { readonly integers: number; readonly numbers: number },
  write: (writer: KernelWriter) => void,
  memory: MemoryKind = "own"
): Uint8Array<ArrayBuffer> => {
  const parameters = passed.integers + passed.numbers
  const body: Array<Bytes> = []
  const locals: Array<number> = []
  const local = <T extends Scalar | Vector>(type: T, index: number): Code<T> =>
    code(type, [], [0x20, ...unsigned(index)])
  const variable = <T extends Scalar | Vector>(type: T): Variable<T> => {
    const index = parameters + locals.length
    locals.push(type === "i32" ? valueType.i32 : type === "f32" ? valueType.f32 : valueType.v128)
    return {
      value: local(type, index),
      assign: ({ bytes }) => void body.push(bytes, [0x21, ...unsigned(index)])
    }
  }
  const at = (offset: number): Bytes => [2, ...unsigned(offset)]
  write({
    integer: (place) => local("i32", place),
    number: (place) => local("f32", passed.integers + place),
    variable,
    keep: (value) => {
      const kept = variable(value.type)
      kept.assign(value)
      return kept.value
    },
    store: (address, value, offset = 0) =>
      void body.push(address.bytes, value.bytes, value.type === "i32" ? [0x36] : simd(0x0b), at(offset)),
    storeLane: (address, value, lane, offset) =>
      void body.push(address.bytes, value.bytes, simd(0x5a), at(offset), [lane]),
    loop: (from, to, step, inner) => {
      const [block, loop, end] = [[0x02, 0x40], [0x03, 0x40], [0x0b]]
      const leave = [0x0d, 1]
      const repeat = [0x0c, 0]
      body.push(block, loop, i32.notBelowUnsigned(from.value, to).bytes, leave)
      inner()
      from.assign(i32.add(from.value, i32.constant(step)))
      body.push(repeat, end, end)
    }
  })
  return moduleOf(
    Array.from({ length: parameters }, (_, place) => (place < passed.integers ? valueType.i32 : valueType.f32)),
    locals,
    body.flat(),
    memory
  )
}
