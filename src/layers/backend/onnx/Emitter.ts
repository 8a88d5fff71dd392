import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import { elementType, type OnnxAttribute, type OnnxConstant, type OnnxNode } from "./onnxMessages.ts"

/** Where the lowering rules put what they make. Collects nodes and constants, each constant once. */
export interface Emitter {
  /** Adds an operator with one result and returns the result's name. */
  readonly node: (
    opType: string,
    inputs: ReadonlyArray<string>,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: string
  ) => string
  /** A constant list of integers (axes, sizes), by name. */
  readonly integers: (values: ReadonlyArray<number>) => string
  /** A constant float32 tensor, by name. */
  readonly floats: (shape: Shape, values: ArrayLike<number>) => string
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
}

/**
 * `label` names the primitive that is being lowered, so that the engine's messages can be traced to it. `taken` are the
 * names of the graph's inputs, which nothing else may have.
 */
export const makeEmitter = (label: () => string, taken: ReadonlySet<string>): Emitter => {
  const nodes: Array<OnnxNode> = []
  const constants: Array<OnnxConstant> = []
  const known = new Map<string, string>()
  const free = (name: string): string => (taken.has(name) ? free(`_${name}`) : name)

  const constant = (dims: Shape, dataType: number, rawData: Uint8Array): string => {
    // Small constants (scalars, axes) recur hundreds of times; large ones are one expression already.
    const key = rawData.length <= 64 ? `${dataType} ${dims.join()} ${rawData.join()}` : undefined
    const existing = key === undefined ? undefined : known.get(key)
    if (existing !== undefined) return existing
    const name = free(`constant_${constants.length}`)
    constants.push({ name, dims, dataType, rawData })
    if (key !== undefined) known.set(key, name)
    return name
  }

  return {
    nodes,
    constants,
    node: (opType, input, attributes = {}, domain = "") => {
      const name = free(`value_${nodes.length}`)
      nodes.push({ name: `${label()}/${nodes.length}`, opType, domain, input, output: [name], attributes })
      return name
    },
    integers: (values) =>
      constant([values.length], elementType.int64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
    floats: (shape, values) => constant(shape, elementType.float, new Uint8Array(Float32Array.from(values).buffer))
  }
}

/** Whether writing a constant out costs little. */
export const isSmall = (shape: Shape): boolean => sizeOf(shape) <= 1024
