import { elementType, type OnnxConstant, type OnnxNode } from "../backend/onnx/onnxMessages.ts"
import type { Growth } from "./growth.ts"

/** The parts of a graph as they are put together, operators in the order in which they can be computed. */
export interface GraphBuilder {
  readonly nodes: Array<OnnxNode>
  readonly constants: Map<string, OnnxConstant>
  /** The name of a list of whole numbers that may grow with the batch, computed once for each list. */
  readonly sizes: (numbers: ReadonlyArray<Growth>) => string
  /** The name of a constant list of whole numbers. */
  readonly integers: (numbers: ReadonlyArray<number>) => string
  /** The name of the tensor of computed shape that is `value` everywhere. */
  readonly filled: (value: number, shape: ReadonlyArray<Growth>) => string
}

/** Where a graph can read the size of its batch: an axis of one of its inputs. */
export interface BatchSource {
  readonly input: string
  readonly axis: number
}

/** A slash stands in no name of a lowered graph's values, so what is added here never meets one. */
const prefix = "batch/"

/** `source` is called when the batch is first needed, and may throw if there is none. */
export const makeGraphBuilder = (source: () => BatchSource): GraphBuilder => {
  const nodes: Array<OnnxNode> = []
  const constants = new Map<string, OnnxConstant>()
  const known = new Map<string, string>()

  const once = (key: string, make: () => string): string => {
    const name = known.get(key) ?? make()
    known.set(key, name)
    return name
  }
  const constant = (name: string, dims: ReadonlyArray<number>, dataType: number, numbers: ArrayBuffer): string => {
    constants.set(name, { name, dims, dataType, rawData: new Uint8Array(numbers) })
    return name
  }
  const node = (opType: string, input: ReadonlyArray<string>, attributes: OnnxNode["attributes"] = {}): string => {
    const name = `${prefix}${opType}/${nodes.length}`
    nodes.push({ name, opType, domain: "", input, output: [name], attributes })
    return name
  }

  const integers = (numbers: ReadonlyArray<number>): string =>
    once(`integers ${numbers.join()}`, () =>
      constant(
        `${prefix}integers/${numbers.join("_")}`,
        [numbers.length],
        elementType.int64,
        BigInt64Array.from(numbers, BigInt).buffer
      )
    )
  const batch = (): string =>
    once("batch", () => {
      const { input, axis } = source()
      return node("Shape", [input], { start: axis, end: axis + 1 })
    })
  const size = ({ fixed, perBatch }: Growth): string =>
    once(`size ${fixed} ${perBatch}`, () => {
      const scaled = perBatch === 1 ? batch() : node("Mul", [batch(), integers([perBatch])])
      return fixed === 0 ? scaled : node("Add", [scaled, integers([fixed])])
    })
  const sizes = (numbers: ReadonlyArray<Growth>): string =>
    once(`sizes ${JSON.stringify(numbers)}`, () => {
      const parts = numbers.map((number) => (number.perBatch === 0 ? integers([number.fixed]) : size(number)))
      const [only] = parts
      return only !== undefined && parts.length === 1 ? only : node("Concat", parts, { axis: 0 })
    })
  return {
    nodes,
    constants,
    sizes,
    integers,
    filled: (value, shape) =>
      once(`filled ${value} ${JSON.stringify(shape)}`, () => {
        const number = constant(
          `${prefix}number/${constants.size}`,
          [],
          elementType.float,
          Float32Array.of(value).buffer
        )
        return node("Expand", [number, sizes(shape)])
      })
  }
}
