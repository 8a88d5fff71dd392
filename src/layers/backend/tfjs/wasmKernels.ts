import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import { copyPart, joinRows } from "./copying.ts"
import { type Matrices, multiplySmall } from "./smallProducts.ts"
import type { KernelBackend, KernelFunction, TensorHandle } from "./TfjsEngine.ts"

/** What tfjs's wasm backend has beside the common part: its memory. */
interface WasmBackend extends KernelBackend {
  makeOutput(shape: Shape, dtype: string): TensorHandle
  typedArrayFromHeap(tensor: TensorHandle): Float32Array
}

/**
 * A kernel on the module's memory. These are called with the inputs and attributes that the lowering gives them, on the
 * wasm backend alone: hence the casts.
 */
const onHeap =
  <Inputs, Attributes>(
    shapeOf: (inputs: Inputs, attributes: Attributes) => Shape,
    compute: (
      heap: (tensor: TensorHandle) => Float32Array,
      inputs: Inputs,
      attributes: Attributes,
      result: TensorHandle
    ) => void
  ): KernelFunction =>
  (call) => {
    const backend = call.backend as WasmBackend
    const inputs = call.inputs as Inputs
    const attributes = call.attrs as Attributes
    const result = backend.makeOutput([...shapeOf(inputs, attributes)], "float32")
    // Views are taken after the result is made: making it may move the memory.
    compute((tensor) => backend.typedArrayFromHeap(tensor), inputs, attributes, result)
    return result
  }

/** tfjs's own copies the whole tensor out of the module first, which makes small parts of large tensors dear. */
const slice = onHeap<{ readonly x: TensorHandle }, { readonly begin: ReadonlyArray<number>; readonly size: Shape }>(
  (_, { size }) => size,
  (heap, { x }, { begin, size }, result) => copyPart(heap(x), x.shape, heap(result), begin, size)
)

/** tfjs's own makes a view for each row of each tensor, which makes narrow tensors dear. */
const concat = onHeap<ReadonlyArray<TensorHandle>, { readonly axis: number }>(
  (inputs, { axis }) => {
    const [first] = inputs
    const along = inputs.reduce((total, { shape }) => total + (shape[axis] ?? 1), 0)
    return (first?.shape ?? []).with(axis, along)
  },
  (heap, inputs, { axis }, result) =>
    joinRows(
      inputs.map((input) => ({ values: heap(input), width: sizeOf(input.shape.slice(axis)) })),
      heap(result)
    )
)

interface ProductAttributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly shape: Shape
}

/** tfjs's own takes 2 to 4 ns for each multiplication where there is more than one matrix. */
const batchedProduct = onHeap<{ readonly a: TensorHandle; readonly b: TensorHandle }, ProductAttributes>(
  (_, { shape }) => shape,
  (heap, { a, b }, { transposeA, transposeB, shape }, result) => {
    const [rows = 1, columns = 1] = shape.slice(-2)
    const inner = a.shape.at(transposeA ? -2 : -1) ?? 1
    const sizes = { batch: sizeOf(shape.slice(0, -2)), rows, inner, columns }
    multiplySmall(
      matricesOf(heap(a), a.shape, transposeA),
      matricesOf(heap(b), b.shape, transposeB),
      heap(result),
      sizes
    )
  }
)

const matricesOf = (values: Float32Array, shape: Shape, transposed: boolean): Matrices => {
  const [rows = 1, columns = 1] = shape.slice(-2)
  const matrix = sizeOf(shape.slice(0, -2)) === 1 ? 0 : rows * columns
  return transposed ? { values, matrix, row: 1, column: columns } : { values, matrix, row: columns, column: 1 }
}

/** Kernels that take the place of the wasm backend's own, and one that it has not. */
export const wasmKernels: Readonly<Record<string, KernelFunction>> = {
  Slice: slice,
  Concat: concat,
  BatchedProduct: batchedProduct
}
