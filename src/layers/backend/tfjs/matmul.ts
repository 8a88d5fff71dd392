import { broadcastShapes, type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Node } from "../../../domain/tensor/Tensor.ts"
import type { Emitter, Value } from "./Emitter.ts"
import { permuted, stretched } from "./movement.ts"

/** Lowers `Y = A' B'` over the last two axes. */
export const lowerMatmul = (
  { emit, isWasm }: { readonly emit: Emitter; readonly isWasm: boolean },
  { parameters, shape }: Node<"matmul">,
  a: Value,
  b: Value
): Value => {
  const { transposeA, transposeB } = parameters
  const [oneA, oneB] = [isOneMatrix(a), isOneMatrix(b)]
  // One matrix on the right for the whole batch: a single product of all rows.
  if (oneB && (oneA || !transposeA)) {
    // The wasm kernel is quick for plain products alone: matrices are transposed in memory for it.
    const left = isWasm && transposeA ? transposed(emit, a) : a
    const right = matrixOf(emit, isWasm && transposeB ? transposed(emit, b) : b)
    const flags = { transposeA: !isWasm && transposeA, transposeB: !isWasm && transposeB }
    const inner = left.shape.at(-1) ?? 1
    const rows = emit.reshape(left, [sizeOf(left.shape) / inner, inner])
    const width = shape.at(-1) ?? 1
    // The wasm kernel knows its right operands again by where they are kept, whatever shape they are given in.
    const inputs = { a: rows, b: isWasm ? emit.own(right) : right }
    return emit.reshape(emit.call("BatchMatMul", inputs, flags, [sizeOf(shape) / width, width]), shape)
  }
  // TensorFlow's kernel ends the process where it stretches a large enough batch itself.
  const [left, right] = stretchBatches(emit, a, b)
  return emit.call("BatchMatMul", { a: left, b: right }, { transposeA, transposeB }, shape)
}

const isOneMatrix = ({ shape }: Value): boolean => sizeOf(shape.slice(0, -2)) === 1

const matrixOf = (emit: Emitter, value: Value): Value => emit.reshape(value, value.shape.slice(-2))

/** Matrices transposed in memory. */
const transposed = (emit: Emitter, value: Value): Value => {
  const rank = value.shape.length
  return permuted(emit, value, [...value.shape.keys()].with(rank - 2, rank - 1).with(rank - 1, rank - 2))
}

/** Both operands with the batch of the result. */
const stretchBatches = (emit: Emitter, a: Value, b: Value): readonly [Value, Value] => {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? []
  const over = (value: Value): Shape => [...batch, ...value.shape.slice(-2)]
  return [stretched(emit, a, over(a)), stretched(emit, b, over(b))]
}
