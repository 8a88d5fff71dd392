import { broadcast } from "../broadcast.ts"
import { matmul } from "../matmul.ts"
import { concatenate, reshape, slice, transpose } from "../movement.ts"
import { sameShape } from "../Shape.ts"
import { full } from "../source.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { type NodeRule, ruleFor } from "./NodeRule.ts"

/** Movements that move nothing, one instead of two, and movements that a product does by itself. */
export const movementRewrites: ReadonlyArray<NodeRule> = [
  ruleFor("reshape", "reshape(x) to its own shape = x", ({ inputs: [x], shape }) =>
    sameShape(shape, x.shape) ? x : undefined
  ),
  ruleFor("reshape", "reshape(reshape(x)) = reshape(x)", ({ inputs: [x], shape }) =>
    x.op === "reshape" ? reshape(x.inputs[0], shape) : undefined
  ),
  ruleFor("transpose", "transpose that moves axes of size 1 only = reshape", ({ inputs: [x], parameters, shape }) => {
    const moved = parameters.permutation.filter((axis) => x.shape[axis] !== 1)
    return moved.every((axis, i) => axis > (moved[i - 1] ?? -1)) ? reshape(x, shape) : undefined
  }),
  ruleFor("transpose", "transpose(transpose(x)) = transpose(x)", ({ inputs: [x], parameters }) => {
    if (x.op !== "transpose") return undefined
    const inner = x.parameters.permutation
    return transpose(
      x.inputs[0],
      parameters.permutation.map((axis) => inner[axis] ?? 0)
    )
  }),
  ruleFor("transpose", "(A B)^T = B^T A^T", ({ inputs: [x], parameters }) => {
    if (x.op !== "matmul" || !swapsLastTwo(parameters.permutation)) return undefined
    const { transposeA, transposeB } = x.parameters
    return matmul(x.inputs[1], x.inputs[0], { transposeA: !transposeB, transposeB: !transposeA })
  }),
  ruleFor("matmul", "transpose(A) B = A^T B", ({ inputs: [a, b], parameters: { transposeA, transposeB } }) =>
    a.op === "transpose" && swapsLastTwo(a.parameters.permutation)
      ? matmul(a.inputs[0], b, { transposeA: !transposeA, transposeB })
      : undefined
  ),
  ruleFor("matmul", "A transpose(B) = A B^T", ({ inputs: [a, b], parameters: { transposeA, transposeB } }) =>
    b.op === "transpose" && swapsLastTwo(b.parameters.permutation)
      ? matmul(a, b.inputs[0], { transposeA, transposeB: !transposeB })
      : undefined
  ),
  ruleFor("broadcast", "broadcast(full(c)) = full(c)", ({ inputs: [x], shape }) =>
    x.op === "full" ? full(shape, x.parameters.value) : undefined
  ),
  ruleFor("broadcast", "broadcast(broadcast(x)) = broadcast(x)", ({ inputs: [x], shape }) =>
    x.op === "broadcast" ? broadcast(x.inputs[0], shape) : undefined
  ),
  ruleFor("sum", "sum over axes of size 1 = reshape", (node) => withoutReduction(node)),
  ruleFor("max", "max over axes of size 1 = reshape", (node) => withoutReduction(node)),
  ruleFor("slice", "slice of everything = x", ({ inputs: [x], shape }) => (sameShape(shape, x.shape) ? x : undefined)),
  ruleFor("slice", "slice(slice(x)) = slice(x)", ({ inputs: [x], parameters: { starts, sizes } }) => {
    if (x.op !== "slice") return undefined
    const inner = x.parameters.starts
    return slice(
      x.inputs[0],
      starts.map((start, axis) => start + (inner[axis] ?? 0)),
      sizes
    )
  }),
  ruleFor("slice", "slice(concatenate(.., x, ..)) within x = slice(x)", (node) => sliceOfJoined(node)),
  ruleFor("pad", "pad by nothing = x", ({ inputs: [x], shape }) => (sameShape(shape, x.shape) ? x : undefined)),
  ruleFor("concatenate", "concatenate(x) = x", ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined)),
  ruleFor(
    "concatenate",
    "concatenate(x, concatenate(y, z)) = concatenate(x, y, z)",
    ({ inputs, parameters: { axis } }) =>
      inputs.some((input) => joins(input, axis))
        ? concatenate(
            inputs.flatMap<Tensor>((input) => (joins(input, axis) ? input.inputs : [input])),
            axis
          )
        : undefined
  ),
  ruleFor(
    "concatenate",
    "concatenate of parts that follow one another = that part",
    ({ inputs, parameters: { axis } }) => rejoined(inputs, axis)
  )
]

/** Marks that only differentiation looks at, and means of what is the same on all shards. */
export const markRewrites: ReadonlyArray<NodeRule> = [
  ruleFor("stopGradient", "stopGradient(x) = x", ({ inputs: [x] }) => x),
  ruleFor("pmean", "pmean(pmean(x)) = pmean(x)", ({ inputs: [x] }) => (x.op === "pmean" ? x : undefined))
]

const swapsLastTwo = (permutation: ReadonlyArray<number>): boolean => {
  const rank = permutation.length
  return (
    rank >= 2 && permutation.every((axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i))
  )
}

const withoutReduction = ({ inputs: [x], parameters, shape }: Node<"sum"> | Node<"max">): Tensor | undefined =>
  parameters.axes.every((axis) => x.shape[axis] === 1) ? reshape(x, shape) : undefined

const sliceOfJoined = ({ inputs: [x], parameters: { starts, sizes } }: Node<"slice">): Tensor | undefined => {
  if (x.op !== "concatenate") return undefined
  const { axis } = x.parameters
  let begin = 0
  for (const part of x.inputs) {
    const length = part.shape[axis] ?? 0
    const start = (starts[axis] ?? 0) - begin
    if (start >= 0 && start + (sizes[axis] ?? 0) <= length) return slice(part, starts.with(axis, start), sizes)
    begin += length
  }
  return undefined
}

const joins = (input: Tensor, axis: number): input is Node<"concatenate"> =>
  input.op === "concatenate" && input.parameters.axis === axis

/** Slices of one tensor that follow one another along `axis`, joined again: that part of the tensor. */
const rejoined = (parts: ReadonlyArray<Tensor>, axis: number): Tensor | undefined => {
  const [first] = parts
  if (first?.op !== "slice") return undefined
  const [whole] = first.inputs
  let end = first.parameters.starts[axis] ?? 0
  for (const part of parts) {
    const follows =
      part.op === "slice" &&
      part.inputs[0] === whole &&
      sameShape(part.parameters.starts, first.parameters.starts.with(axis, end))
    if (!follows) return undefined
    end += part.shape[axis] ?? 0
  }
  const { starts } = first.parameters
  return slice(whole, starts, first.shape.with(axis, end - (starts[axis] ?? 0)))
}
