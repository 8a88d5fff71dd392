import { inputsFirst } from "../../../domain/tensor/order.ts"
import { formatShape, type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { StageUpdate } from "../../../domain/tensor/stages.ts"
import type { Tensor } from "../../../domain/tensor/Tensor.ts"
import { type ElementwiseOp, isSingle } from "../../../domain/tensor/updates.ts"
import { inputName } from "./inputName.ts"
import { type Code, f32, f32x4, i32 } from "./kernelCode.ts"
import { type KernelWriter, kernelOf } from "./kernelWriter.ts"
import type { MemoryKind } from "./wasmBytes.ts"

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
export const planUpdate = ({ results, next }: StageUpdate, memory: MemoryKind = "own"): UpdatePlan => {
  const roots = Object.values(results)
  const order = inputsFirst(roots)
  const named = (node: Tensor): ReadonlyArray<string> => (node.op === "placeholder" ? [inputName(node)] : [])
  const sources = order.filter((node) => node.op === "placeholder")
  const tensors = sources.filter((node) => !isSingle(node))
  const singles = sources.filter(isSingle)
  const fills = order.filter((node) => node.op === "full")
  const inner = order.filter((node) => node.op !== "placeholder" && node.op !== "full")

  const integers = 1 + tensors.length + roots.length
  const write = ({ integer, number, variable, keep, store, loop }: KernelWriter): void => {
    const values = new Map<Tensor, Code<"f32x4">>()
    const make = (node: Tensor, value: Code<"f32x4">) => void values.set(node, keep(value))
    const made = (node: Tensor): Code<"f32x4"> => {
      const value = values.get(node)
      if (value === undefined) throw new Error(`internal: ${node.op} is used before it is made`)
      return value
    }
    const at = variable("i32")
    const bytes = integer(0)
    const place = (index: number) => i32.add(integer(1 + index), at.value)
    singles.forEach((node, i) => {
      make(node, f32x4.splat(number(i)))
    })
    for (const node of fills) make(node, f32x4.splat(f32.constant(node.parameters.value)))
    loop(at, bytes, 16, () => {
      tensors.forEach((node, i) => {
        make(node, f32x4.load(place(i)))
      })
      for (const node of inner) make(node, operationOf(node, node.inputs.map(made)))
      roots.forEach((node, i) => {
        store(place(tensors.length + i), made(node))
      })
    })
  }
  return {
    kernel: kernelOf({ integers, numbers: singles.length }, write, memory),
    shape: roots[0]?.shape ?? [],
    tensors: tensors.flatMap(named),
    singles: singles.flatMap(named),
    results: Object.keys(results),
    next
  }
}

const operations: {
  readonly [K in ElementwiseOp]: (first: Code<"f32x4">, second: Code<"f32x4">) => Code<"f32x4">
} = {
  add: f32x4.add,
  subtract: f32x4.subtract,
  multiply: f32x4.multiply,
  divide: f32x4.divide,
  negate: f32x4.negate,
  sqrt: f32x4.sqrt
}

const operationOf = (node: Tensor, operands: ReadonlyArray<Code<"f32x4">>): Code<"f32x4"> => {
  const operation = Object.entries(operations).find(([op]) => op === node.op)?.[1]
  const [first, second = first] = operands
  if (operation === undefined || first === undefined || second === undefined)
    throw new Error(`internal: an update holds ${node.op} : ${formatShape(node.shape)}`)
  return operation(first, second)
}

/** Bytes that a tensor takes in a kernel's memory: whole vectors of four numbers. */
export const bytesOf = (shape: Shape): number => Math.ceil(sizeOf(shape) / 4) * 16
