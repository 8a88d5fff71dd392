import { formatShape, type Shape, sameShape } from "../../../domain/tensor/Shape.ts"
import type { TensorData } from "../../../domain/tensor/TensorData.ts"
import type { Instruction, Register, Result } from "./Plan.ts"

/** A value of the plan while it is made: where it is kept, and what it is. */
export interface Value {
  readonly register: Register
  readonly shape: Shape
  readonly dtype: "float32" | "bool"
}

/** Collects the kernel calls of a plan. */
export interface Emitter {
  /** Adds a call of a kernel that gives floats of this shape. */
  readonly call: (
    kernel: string,
    inputs: Readonly<Record<string, Value>> | ReadonlyArray<Value>,
    attributes: Readonly<Record<string, unknown>>,
    shape: Shape,
    dtype?: Value["dtype"]
  ) => Value
  /** The same numbers under another shape, without copying them; the value itself if it has that shape. */
  readonly reshape: (value: Value, shape: Shape) => Value
  /** Another owner of the value's numbers, which can be released by itself. */
  readonly share: (value: Value) => Value
  /** A value of its own memory, if this is another view of one: a copy on backends whose `Identity` makes one. */
  readonly own: (value: Value) => Value
  /** Numbers that are the same in every step; equal fills are one constant. */
  readonly constant: (data: TensorData) => Value
  readonly filled: (shape: Shape, value: number) => Value
  /** A register for what comes from outside. */
  readonly source: (shape: Shape) => Value
  readonly instructions: ReadonlyArray<Omit<Instruction, "released">>
  readonly constants: ReadonlyArray<{ readonly register: Register; readonly data: TensorData }>
  readonly results: ReadonlyMap<Register, Result>
}

/** `primitive` says which primitive is being lowered, for errors at run time. */
export const makeEmitter = (primitive: () => string): Emitter => {
  const instructions: Array<Omit<Instruction, "released">> = []
  const constants: Array<{ readonly register: Register; readonly data: TensorData }> = []
  const fills = new Map<string, Value>()
  const known = new Map<string, Value>()
  const results = new Map<Register, Result>()
  let registers = 0

  const emit = (
    kernel: string,
    inputs: Instruction["inputs"],
    attributes: Instruction["attributes"],
    result: { readonly shape: Shape; readonly dtype: Value["dtype"]; readonly of?: Register },
    anew = false
  ): Value => {
    const { shape, dtype, ...view } = result
    // Lowering repeats itself where expressions do not: transposing one weight for several products, for example.
    const key = JSON.stringify([kernel, inputs, attributes], (_, part) =>
      typeof part === "number" ? signed(part) : part
    )
    const existing = known.get(key)
    if (existing !== undefined && !anew) return existing
    const register = registers++
    results.set(register, { shape, bytesPerElement: dtype === "bool" ? 1 : 4, ...view })
    instructions.push({ kernel, inputs, attributes, output: register, primitive: primitive() })
    const value = { register, shape, dtype }
    if (!anew) known.set(key, value)
    return value
  }
  const view = (value: Value, shape: Shape, anew = false): Value =>
    emit("Reshape", { x: value.register }, { shape }, { shape, dtype: value.dtype, of: value.register }, anew)
  const constant = (data: TensorData): Value => {
    const register = registers++
    constants.push({ register, data })
    return { register, shape: data.shape, dtype: "float32" }
  }

  return {
    call: (kernel, inputs, attributes, shape, dtype = "float32") =>
      emit(kernel, registersIn(inputs), attributes, { shape, dtype }),
    reshape: (value, shape) => (sameShape(value.shape, shape) ? value : view(value, shape)),
    share: (value) => view(value, value.shape, true),
    own: (value) => {
      const { of } = results.get(value.register) ?? {}
      if (of === undefined) return value
      return emit("Identity", { x: value.register }, {}, { shape: value.shape, dtype: value.dtype })
    },
    constant,
    filled: (shape, value) => {
      const key = `${signed(value)} ${formatShape(shape)}`
      const size = shape.reduce((product, n) => product * n, 1)
      const known = fills.get(key) ?? constant({ shape, values: new Float32Array(size).fill(value) })
      fills.set(key, known)
      return known
    },
    source: (shape) => ({ register: registers++, shape, dtype: "float32" }),
    instructions,
    constants,
    results
  }
}

/** A number in full, with the sign of zero. */
const signed = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))

const registersIn = (inputs: Readonly<Record<string, Value>> | ReadonlyArray<Value>): Instruction["inputs"] =>
  isList(inputs)
    ? inputs.map(({ register }) => register)
    : Object.fromEntries(Object.entries(inputs).map(([name, { register }]) => [name, register]))

// `Array.isArray` does not narrow read-only arrays.
const isList = (inputs: Readonly<Record<string, Value>> | ReadonlyArray<Value>): inputs is ReadonlyArray<Value> =>
  Array.isArray(inputs)
