import { own } from "../record/own.ts"
import { inputsFirst } from "./order.ts"
import { isUnchanged, type Program } from "./Program.ts"
import { formatShape, type Shape } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"

/**
 * A program as text, one primitive a line, for people and for golden tests:
 *
 *     program average
 *     state   total: [2]
 *     input   x: [3, 2]
 *       %1 = sum(input.x) {axes: [0]}            : [2]
 *       %2 = add(state.total, %1)                : [2]
 *     next    total = %2
 *     output  total = %2
 */
export const printProgram = (program: Program): string => {
  const nextPaths = Object.keys(program.next).filter((path) => !isUnchanged(program, path))
  const next = nextPaths.map((path) => own(program.next, path)).filter((tensor) => tensor !== undefined)
  const { lines, nameOf } = printPrimitives([...next, ...Object.values(program.outputs)])
  return [
    `program ${program.name}`,
    ...Object.entries(program.state).map(([path, tensor]) => `state   ${path}: ${formatShape(tensor.shape)}`),
    ...Object.entries(program.inputs).map(([name, tensor]) => `input   ${name}: ${formatShape(tensor.shape)}`),
    ...[...lines.values()].map((line) => `  ${line}`),
    ...next.map((tensor, i) => `next    ${nextPaths[i]} = ${nameOf(tensor)}`),
    ...Object.entries(program.outputs).map(([name, tensor]) => `output  ${name} = ${nameOf(tensor)}`)
  ].join("\n")
}

/** Expressions as text, one primitive a line with its shape; the last lines say what the given ones are called. */
export const printExpressions = (roots: ReadonlyArray<Tensor>): string => {
  const { lines, nameOf } = printPrimitives(roots)
  return [...lines.values(), `in ${roots.map(nameOf).join(", ")}`].join("\n")
}

/** The lines of expressions in order, each by its node, and what nodes are called in them. */
export const printPrimitives = (
  roots: ReadonlyArray<Tensor>
): { readonly lines: ReadonlyMap<Tensor, string>; readonly nameOf: (tensor: Tensor) => string } => {
  const names = new Map<Tensor, string>()
  const lines = new Map<Tensor, string>()
  const nameOf = (tensor: Tensor): string => names.get(tensor) ?? "?"
  let count = 0
  for (const node of inputsFirst(roots)) {
    const inline = inlineName(node)
    if (inline !== undefined) {
      names.set(node, inline)
    } else {
      count += 1
      names.set(node, `%${count}`)
      const call = `%${count} = ${node.op}(${node.inputs.map(nameOf).join(", ")})${printParameters(node)}`
      lines.set(node, `${call.padEnd(48)} : ${formatShape(node.shape)}`)
    }
  }
  return { lines, nameOf }
}

/** What a primitive takes and makes, without names: `matmul([100, 5] [5, 7]) : [100, 7]`. */
export const signatureOf = (node: Tensor, format: (shape: Shape) => string = formatShape): string =>
  `${node.op}(${node.inputs.map(({ shape }) => format(shape)).join(" ")}) : ${format(node.shape)}`

/** Placeholders and scalars stand where they are used. */
const inlineName = (node: Tensor): string | undefined => {
  if (node.op === "placeholder") return node.parameters.name
  return node.op === "full" && node.shape.length === 0 ? String(node.parameters.value) : undefined
}

const printParameters = (node: Tensor): string => {
  if (node.op === "constant") return ` {${preview(node.parameters.data.values)}}`
  if (node.op === "noise") {
    const { stream, distribution } = node.parameters
    const probability = distribution.kind === "bernoulli" ? ` ${distribution.probability}` : ""
    return ` {${stream}: ${distribution.kind}${probability}}`
  }
  const shown = Object.entries(node.parameters)
    .filter(([name, value]) => name !== "shape" && value !== false)
    .map(([name, value]) => (value === true ? name : `${name}: ${Array.isArray(value) ? formatShape(value) : value}`))
  return shown.length === 0 ? "" : ` {${shown.join(", ")}}`
}

const preview = (values: Float32Array | Float64Array): string =>
  values.length <= 4 ? values.join(", ") : `${values.subarray(0, 3).join(", ")}, .. ${values.length} numbers`
