import { own } from "../../domain/record/own.ts"
import { type Program, ProgramError } from "../../domain/tensor/Program.ts"
import { formatShape } from "../../domain/tensor/Shape.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { lowerProgram } from "../backend/onnx/lowering.ts"
import { elementType, type OnnxConstant, type OnnxNode } from "../backend/onnx/onnxMessages.ts"
import { type BatchSource, type GraphBuilder, makeGraphBuilder } from "./GraphBuilder.ts"
import { growthOf } from "./growth.ts"
import type { AxisSize } from "./onnxModelFile.ts"

/** A graph whose batch is chosen at every call, and the shapes of the values at its border. */
export interface DynamicGraph {
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
  /** State and inputs by their placeholders' names. */
  readonly inputs: Readonly<Record<string, ReadonlyArray<AxisSize>>>
  /** By the program's names. */
  readonly outputs: Readonly<Record<string, ReadonlyArray<AxisSize>>>
}

/** The name of the axis that counts the batch. */
export const batchAxisName = "batch"

// Primes beyond the usual sizes of a model, so that what is simplified for them is so for every batch.
const batches: ReadonlyArray<number> = [101, 103, 107]

/**
 * One graph for every batch, from a program for each: the program is lowered for three batches, and what differs between
 * the graphs must grow with the batch along a straight line. Where one size of a `Reshape` does, ONNX infers it; other
 * lists of sizes are computed from the shape of an input that has the batch as an axis. The state must not change.
 * Throws a `ProgramError` naming the primitive if the graphs differ in any other way.
 */
export const dynamicBatch = (programOf: (batch: number) => Program): DynamicGraph => {
  const programs = batches.map(programOf)
  const lowered = programs.map((each) => lowerProgram(each))
  const graphs = lowered.map(({ graph }) => graph)
  const [program, graph] = [programs[0], graphs[0]]
  if (program === undefined || graph === undefined) throw new Error("internal: there are no batches to lower for")
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name }) => [
      name,
      axisSizes(
        `${program.name}: input "${name}"`,
        graphs.map((each) => each.inputs.find((input) => input.name === name)?.shape ?? [])
      )
    ])
  )
  const outputs = mapRecord(program.outputs, (_, name) =>
    axisSizes(
      `${program.name}: output "${name}"`,
      programs.map((each) => own(each.outputs, name)?.shape ?? [])
    )
  )
  const builder = makeGraphBuilder(() => batchSource(program.name, inputs))
  // The graph's names for its outputs are numbers; the users of an exported model are given the program's.
  const exported = new Map(Object.entries(lowered[0]?.outputs ?? {}).map(([name, value]) => [value, name]))
  const constantsOf = graphs.map(({ constants }) => new Map(constants.map((constant) => [constant.name, constant])))

  const outcome = JSON.stringify(lowered[0]?.outputs)
  if (
    lowered.some((each) => each.graph.nodes.length !== graph.nodes.length || JSON.stringify(each.outputs) !== outcome)
  )
    throw new ProgramError(`${program.name} cannot be exported: it becomes another graph for another batch`)
  for (const [i, node] of graph.nodes.entries()) {
    const versions = graphs.map((each) => each.nodes[i])
    const label = primitiveOf(node)
    const fail = (problem: string): never => {
      throw new ProgramError(`${program.name}: ${label} cannot be exported for every batch: ${problem}`)
    }
    if (versions.some((version) => version === undefined || kindOf(version) !== kindOf(node)))
      fail("it becomes other operators for other batches")
    const input = node.input.map((name, j) => {
      const names = versions.map((version) => version?.input[j] ?? "")
      const found = names.flatMap((each, k) => constantsOf[k]?.get(each) ?? [])
      if (found.length === names.length) return constantInput(node, found, builder, fail)
      return names.every((each) => each === name) ? (exported.get(name) ?? name) : fail("it has other operands")
    })
    const output = node.output.map((name) => exported.get(name) ?? name)
    builder.nodes.push({ ...node, name: `${label}/${i}`, input, output })
  }
  return { nodes: builder.nodes, constants: [...builder.constants.values()], inputs, outputs }
}

/** The primitive that an operator was lowered from: its label without the shapes, which are those of one batch. */
const primitiveOf = ({ name }: OnnxNode): string => /^[^(/]*/.exec(name)?.[0] ?? ""

const kindOf = ({ opType, domain, attributes, input, output }: OnnxNode): string =>
  JSON.stringify([opType, domain, attributes, input.length, output])

/** The name of an operand that is a constant for each batch: the same one, or what it is as a function of the batch. */
const constantInput = (
  { opType }: OnnxNode,
  found: ReadonlyArray<OnnxConstant>,
  builder: GraphBuilder,
  fail: (problem: string) => never
): string => {
  const [constant] = found
  if (constant === undefined) throw new Error("internal: no constant")
  if (found.every((other) => isSameConstant(other, constant))) {
    builder.constants.set(constant.name, constant)
    return constant.name
  }
  const lines = (seen: ReadonlyArray<ReadonlyArray<number>>) =>
    (seen[0] ?? []).map((_, entry) => {
      const values = seen.map((version) => version[entry] ?? Number.NaN)
      return growthOf(values, batches) ?? fail(`${values.join(", ")} for batches of ${batches.join(", ")}`)
    })
  if (constant.dataType === elementType.int64) {
    const numbers = lines(found.map(integersIn))
    const growing = numbers.filter(({ perBatch }) => perBatch !== 0)
    return opType === "Reshape" && growing.length === 1 && growing[0]?.fixed === 0
      ? builder.integers(numbers.map(({ fixed, perBatch }) => (perBatch === 0 ? fixed : -1)))
      : builder.sizes(numbers)
  }
  const [value = 0] = floatsIn(constant)
  return found.every((each) => floatsIn(each).every((other) => Object.is(other, value)))
    ? builder.filled(value, lines(found.map(({ dims }) => dims)))
    : fail("it has numbers of its own for each batch")
}

const isSameConstant = (a: OnnxConstant, b: OnnxConstant): boolean =>
  a.dataType === b.dataType && a.dims.join() === b.dims.join() && Buffer.compare(a.rawData, b.rawData) === 0

// Copied first: the bytes may lie anywhere in their buffer.
const integersIn = ({ rawData }: OnnxConstant): ReadonlyArray<number> =>
  Array.from(new BigInt64Array(rawData.slice().buffer), Number)

const floatsIn = ({ rawData }: OnnxConstant): Float32Array => new Float32Array(rawData.slice().buffer)

/** The axes of a value at the border: fixed, or the batch itself. */
const axisSizes = (what: string, shapes: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<AxisSize> =>
  (shapes[0] ?? []).map((size, axis) => {
    const growth = growthOf(
      shapes.map((shape) => shape[axis] ?? Number.NaN),
      batches
    )
    if (growth?.perBatch === 0) return size
    if (growth?.perBatch === 1 && growth.fixed === 0) return batchAxisName
    throw new ProgramError(
      `${what} is ${shapes.map(formatShape).join(", ")} for batches of ${batches.join(", ")}: no axis may be other than fixed, or the batch`
    )
  })

const batchSource = (program: string, inputs: DynamicGraph["inputs"]): BatchSource => {
  for (const [input, axes] of Object.entries(inputs)) {
    const axis = axes.indexOf(batchAxisName)
    if (axis >= 0) return { input, axis }
  }
  throw new ProgramError(`${program}: none of its inputs has the batch as an axis, so a call cannot choose it`)
}
