import { inputsFirst } from "../../../domain/tensor/order.ts"
import { formatShape, type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { StageUpdate } from "../../../domain/tensor/stages.ts"
import type { Tensor } from "../../../domain/tensor/Tensor.ts"
import { type ElementwiseOp, isSingle } from "../../../domain/tensor/updates.ts"
import { inputName } from "./inputName.ts"
import { type Bytes, instruction, moduleOf, valueType } from "./wasmBytes.ts"

/**
 * An update as one pass over memory. ONNX Runtime takes one pass for every operator, a dozen for Adam, and every number
 * goes there and back at every step. Data only: it is sent to worker threads.
 */
export interface UpdatePlan {
  /** A WebAssembly module: `run(bytes, tensors.., results.., singles..)`, the tensors and results as addresses. */
  readonly kernel: Uint8Array<ArrayBuffer>
  readonly shape: Shape
  /** Names of the values it reads, place by place. */
  readonly tensors: ReadonlyArray<string>
  /** Names of the single numbers it reads. */
  readonly singles: ReadonlyArray<string>
  /** Names of what it makes. */
  readonly results: ReadonlyArray<string>
  /** Which of `results` is the next state at a path. */
  readonly next: Readonly<Record<string, string>>
}

/**
 * Writes the kernel of an update: four numbers at a time, every operation rounded to float32.
 * Throws if it holds an expression that is not elementwise.
 */
export const planUpdate = ({ results, next }: StageUpdate): UpdatePlan => {
  const roots = Object.values(results)
  const order = inputsFirst(roots)
  const named = (node: Tensor): ReadonlyArray<string> => (node.op === "placeholder" ? [inputName(node)] : [])
  const sources = order.filter((node) => node.op === "placeholder")
  const tensors = sources.filter((node) => !isSingle(node))
  const singles = sources.filter(isSingle)
  const fills = order.filter((node) => node.op === "full")
  const inner = order.filter((node) => node.op !== "placeholder" && node.op !== "full")

  // Parameters: the number of bytes, the addresses, the single numbers. Locals: how far it has come, then a vector for each node.
  const addressOf = (index: number): number => 1 + index
  const firstSingle = addressOf(tensors.length + roots.length)
  const at = firstSingle + singles.length
  const vectorOf = new Map([...tensors, ...singles, ...fills, ...inner].map((node, i) => [node, at + 1 + i]))
  const local = (node: Tensor): number => vectorOf.get(node) ?? 0
  const place = (index: number): Bytes => [
    ...instruction.get(addressOf(index)),
    ...instruction.get(at),
    ...instruction.i32Add
  ]
  const before: Bytes = [
    ...singles.flatMap((node, i) => [
      ...instruction.get(firstSingle + i),
      ...instruction.splat,
      ...instruction.set(local(node))
    ]),
    ...fills.flatMap((node) => [
      ...instruction.f32Const(node.parameters.value),
      ...instruction.splat,
      ...instruction.set(local(node))
    ])
  ]
  const pass: Bytes = [
    ...tensors.flatMap((node, i) => [...place(i), ...instruction.load, ...instruction.set(local(node))]),
    ...inner.flatMap((node) => [
      ...node.inputs.flatMap((input) => instruction.get(local(input))),
      ...operationOf(node),
      ...instruction.set(local(node))
    ]),
    ...roots.flatMap((node, i) => [...place(tensors.length + i), ...instruction.get(local(node)), ...instruction.store])
  ]
  const body: Bytes = [
    ...before,
    ...instruction.block,
    ...instruction.loop,
    ...instruction.get(at),
    ...instruction.get(0),
    ...instruction.i32GeU,
    ...instruction.brIf(1),
    ...pass,
    ...instruction.get(at),
    ...instruction.i32Const(16),
    ...instruction.i32Add,
    ...instruction.set(at),
    ...instruction.br(0),
    ...instruction.end,
    ...instruction.end
  ]
  return {
    kernel: moduleOf(
      [
        ...Array.from({ length: firstSingle }, () => valueType.i32),
        ...Array.from({ length: singles.length }, () => valueType.f32)
      ],
      [
        { count: 1, type: valueType.i32 },
        { count: vectorOf.size, type: valueType.v128 }
      ],
      body
    ),
    shape: roots[0]?.shape ?? [],
    tensors: tensors.flatMap(named),
    singles: singles.flatMap(named),
    results: Object.keys(results),
    next
  }
}

const operations: { readonly [K in ElementwiseOp]: Bytes } = {
  add: instruction.add,
  subtract: instruction.subtract,
  multiply: instruction.multiply,
  divide: instruction.divide,
  negate: instruction.negate,
  sqrt: instruction.sqrt
}

const operationOf = (node: Tensor): Bytes => {
  const code = Object.entries(operations).find(([op]) => op === node.op)?.[1]
  if (code === undefined) throw new Error(`internal: an update holds ${node.op} : ${formatShape(node.shape)}`)
  return code
}

/** Bytes that a tensor takes in a kernel's memory: whole vectors of four numbers. */
export const bytesOf = (shape: Shape): number => Math.ceil(sizeOf(shape) / 4) * 16
