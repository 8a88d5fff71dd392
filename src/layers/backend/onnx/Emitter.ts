import { type Growth, grows, growthOf } from "../../../domain/tensor/anyBatch.ts"
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
  /** A constant list of integers (axes), by name. */
  readonly integers: (values: ReadonlyArray<number>) => string
  /** A list of sizes, by name: a constant, or of a program for any batch computed where they grow with it, each list once. */
  readonly sizes: (values: ReadonlyArray<number>) => string
  /** The sizes that a tensor is reshaped to, by name. */
  readonly reshapedSizes: (values: ReadonlyArray<number>) => string
  /** A constant float32 tensor, by name. */
  readonly floats: (shape: Shape, values: ArrayLike<number>) => string
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
}

/** Where a graph for any batch can read its size: an axis of one of its inputs. */
export interface BatchSource {
  readonly input: string
  readonly axis: number
}

/**
 * `label` names the primitive that is being lowered, so that the engine's messages can be traced to it. `taken` are the
 * names of the graph's inputs, which nothing else may have. `batch` is given for a program for any batch.
 */
export const makeEmitter = (label: () => string, taken: ReadonlySet<string>, batch?: BatchSource): Emitter => {
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

  const node: Emitter["node"] = (opType, input, attributes = {}, domain = "") => {
    const name = free(`value_${nodes.length}`)
    nodes.push({ name: `${label()}/${nodes.length}`, opType, domain, input, output: [name], attributes })
    return name
  }
  const integers: Emitter["integers"] = (values) =>
    constant([values.length], elementType.int64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer))
  const once = (key: string, make: () => string): string => {
    const name = known.get(key) ?? make()
    known.set(key, name)
    return name
  }
  const batchSize = ({ input, axis }: BatchSource): string =>
    once("batch", () => node("Shape", [input], { start: axis, end: axis + 1 }))
  const grown = (source: BatchSource, { fixed, perBatch }: Growth): string =>
    once(`size ${fixed} ${perBatch}`, () => {
      const scaled = perBatch === 1 ? batchSize(source) : node("Mul", [batchSize(source), integers([perBatch])])
      return fixed === 0 ? scaled : node("Add", [scaled, integers([fixed])])
    })

  const sizes: Emitter["sizes"] = (values) => {
    if (batch === undefined || !values.some(grows)) return integers(values)
    return once(`sizes ${values.join()}`, () => {
      const parts = values.map((size) => (grows(size) ? grown(batch, growthOf(size)) : integers([size])))
      const [only] = parts
      return only !== undefined && parts.length === 1 ? only : node("Concat", parts, { axis: 0 })
    })
  }

  return {
    nodes,
    constants,
    node,
    integers,
    sizes,
    reshapedSizes: (values) => {
      const [growing, ...others] = batch === undefined ? [] : values.filter(grows)
      // Where one size alone grows with the batch, and as it does, ONNX infers it.
      const isInferred = growing !== undefined && others.length === 0 && growthOf(growing).fixed === 0
      return isInferred ? integers(values.map((size) => (grows(size) ? -1 : size))) : sizes(values)
    },
    floats: (shape, values) => constant(shape, elementType.float, new Uint8Array(Float32Array.from(values).buffer))
  }
}

/** Whether writing a constant out costs little. */
export const isSmall = (shape: Shape): boolean => sizeOf(shape) <= 1024
