import { concatenate, reshape, slice, sliceAxis, transpose } from "../movement.ts"
import { withInputs } from "../rules.ts"
import { type Shape, sameShape, sizeOf } from "../Shape.ts"
import type { Op, Tensor } from "../Tensor.ts"

/**
 * Lanes are tensors `[batch, ..]` of one shape which the same work is done on, as the steps of a recurrence; stacked, they are one
 * tensor whose first axis counts them and the batch. Rows of a step can stay together (`[T * batch, ..]`), or rows of a sample
 * (`[batch * T, ..]`), in which case what belongs to a sample is contiguous.
 */
export type Layout = "by step" | "by sample"

/** Primitives that work on every entry of the first axis alone, given what their other operands are. */
const rowwise: ReadonlySet<Op> = new Set<Op>([
  ...(["add", "subtract", "multiply", "divide", "negate", "greater", "where", "maximum", "clamp"] as const),
  ...(["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "stopGradient"] as const),
  ...(["softmax", "sum", "max", "reshape", "transpose", "slice", "pad", "concatenate", "broadcast"] as const),
  ...(["matmul", "conv2d", "convTranspose2d"] as const)
])

/** Whether a primitive can be done on lanes at once, where `isLane` says which of its operands differ from lane to lane. */
export const worksOnLanes = (node: Tensor, isLane: ReadonlyArray<boolean>): boolean => {
  const rows = node.shape[0]
  if (rows === undefined || !rowwise.has(node.op)) return false
  const laneFits = node.inputs.every((input, i) => isLane[i] !== true || input.shape[0] === rows)
  if (!laneFits) return false
  switch (node.op) {
    case "matmul":
      return worksAsProduct(node.inputs[0], node.inputs[1], node.parameters.transposeA, isLane)
    case "conv2d":
    case "convTranspose2d":
      return isLane[0] === true && isLane[1] !== true
    case "sum":
    case "max":
      return node.inputs[0].shape.length > 1 && !node.parameters.axes.includes(0)
    case "softmax":
      return node.shape.length > 1
    case "transpose":
      return node.parameters.permutation[0] === 0
    case "concatenate":
      return node.parameters.axis > 0 && isLane.every(Boolean)
    case "broadcast":
      return node.inputs[0].shape.length === node.shape.length
    case "slice":
    case "pad":
    case "reshape":
      return true
    default:
      // Elementwise: what all lanes share must not count the batch.
      return node.inputs.every((input, i) =>
        isLane[i] === true
          ? input.shape.length === node.shape.length
          : input.shape.length < node.shape.length || input.shape[0] === 1
      )
  }
}

const worksAsProduct = (a: Tensor, b: Tensor, transposeA: boolean, isLane: ReadonlyArray<boolean>): boolean => {
  const [first, second] = isLane
  const shares = (shared: Tensor, lane: Tensor): boolean =>
    shared.shape.length < lane.shape.length || (shared.shape.length > 2 && shared.shape[0] === 1)
  if (first === true && second === true) return a.shape.length > 2 && a.shape.length === b.shape.length
  // The rows of a matrix are those of the product, where it is not used transposed.
  if (first === true) return a.shape.length === 2 ? !transposeA : shares(b, a)
  return b.shape.length > 2 && shares(a, b)
}

/** The primitive done on all `count` lanes at once, of operands of which those that differ are stacked. */
export const onLanes = (node: Tensor, inputs: ReadonlyArray<Tensor>, count: number): Tensor => {
  const rows = (shape: Shape): Shape => shape.with(0, (shape[0] ?? 1) * count)
  const [x] = inputs
  if (x !== undefined) {
    if (node.op === "reshape") return reshape(x, rows(node.shape))
    if (node.op === "slice") return slice(x, node.parameters.starts, rows(node.parameters.sizes))
    if (node.op === "broadcast") return withInputs({ ...node, parameters: { shape: rows(node.shape) } }, inputs)
  }
  return withInputs(node, inputs)
}

/** Lanes stacked: one copy of each, or none at all where they are the parts of one tensor already. */
export const stackLanes = (lanes: ReadonlyArray<Tensor>, layout: Layout): Tensor => {
  const shape = lanes[0]?.shape ?? []
  const [rows = 1, ...rest] = shape
  const stacked = [rows * lanes.length, ...rest]
  const whole = layout === "by step" ? partsOfOne(lanes) : undefined
  if (whole !== undefined) return reshape(whole, stacked)
  if (layout === "by step") return concatenate(lanes, 0)
  // Joined along the next axis, the rows of a sample follow one another.
  return reshape(concatenate(lanes, 1), stacked)
}

/** What lanes are cut from, if they are all of its parts along the first axis, one behind the other. */
export const partsOfOne = (lanes: ReadonlyArray<Tensor>): Tensor | undefined => {
  const [whole] = cutFrom(lanes[0]) ?? []
  if (whole === undefined) return undefined
  let end = 0
  for (const lane of lanes) {
    const [source, start, length] = cutFrom(lane) ?? []
    if (source !== whole || start !== end || length === undefined) return undefined
    end += length
  }
  return end === whole.shape[0] ? whole : undefined
}

/** Of a part along the first axis, perhaps in another shape: what it is cut from, from where, and how much. */
export const cutFrom = (
  lane: Tensor | undefined
): readonly [whole: Tensor, start: number, length: number] | undefined => {
  const cut = lane?.op === "reshape" ? lane.inputs[0] : lane
  if (cut?.op !== "slice") return undefined
  const [whole] = cut.inputs
  const [length = 1, ...others] = cut.parameters.sizes
  return sameShape(others, whole.shape.slice(1)) ? [whole, cut.parameters.starts[0] ?? 0, length] : undefined
}

/** One of the lanes that are stacked, in the shape of a lane. */
export const laneOf = (stacked: Tensor, index: number, shape: Shape, count: number, layout: Layout): Tensor => {
  const [rows = 1, columns = 1, ...rest] = shape
  if (layout === "by step") return sliceAxis(stacked, 0, index * rows, rows)
  return reshape(sliceAxis(reshape(stacked, [rows, count * columns, ...rest]), 1, index * columns, columns), shape)
}

/** All lanes, in order, joined along an axis of theirs. */
export const joinLanesAlong = (stacked: Tensor, axis: number, shape: Shape, count: number, layout: Layout): Tensor => {
  const [rows = 1, ...rest] = shape
  const apart = reshape(stacked, layout === "by step" ? [count, rows, ...rest] : [rows, count, ...rest])
  // The axis of the lanes goes in front of the axis along which they are joined.
  const others = apart.shape.map((_, i) => i).filter((i) => i !== (layout === "by step" ? 0 : 1))
  const order = others.toSpliced(axis, 0, layout === "by step" ? 0 : 1)
  const joined = shape.with(axis, (shape[axis] ?? 1) * count)
  return sizeOf(joined) === sizeOf(stacked.shape) ? reshape(transpose(apart, order), joined) : stacked
}
