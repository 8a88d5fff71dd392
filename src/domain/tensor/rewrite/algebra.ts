import { add, multiply, negate, subtract } from "../arithmetic.ts"
import { broadcast } from "../broadcast.ts"
import { matmul } from "../matmul.ts"
import { concatenate, reshape, slice, transpose } from "../movement.ts"
import { type Shape, sameShape } from "../Shape.ts"
import { full, scalar } from "../source.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { uniformValue } from "./constants.ts"

/**
 * One step towards a cheaper expression of the same value, or `undefined` if none applies here. The rules hold for all
 * numbers, NaN and infinities included (so `0 x` stays); results may differ by rounding where constants are gathered,
 * and a zero may change its sign.
 * Inputs are simplified already, so looking one or two levels down is enough.
 */
export const simplifyNode = (node: Tensor): Tensor | undefined => {
  switch (node.op) {
    case "add":
      return simplifyAdd(node) ?? withoutStretching(node, add)
    case "subtract":
      return simplifySubtract(node) ?? withoutStretching(node, subtract)
    case "multiply":
      return simplifyMultiply(node) ?? withoutStretching(node, multiply)
    case "divide":
      return simplifyDivide(node)
    case "negate":
      return simplifyNegate(node)
    case "reshape":
      return simplifyReshape(node)
    case "transpose":
      return simplifyTranspose(node)
    case "broadcast":
      return simplifyBroadcast(node)
    case "sum":
    case "max":
      // Reducing axes of size 1 only changes the shape.
      return node.parameters.axes.every((axis) => node.inputs[0].shape[axis] === 1)
        ? reshape(node.inputs[0], node.shape)
        : undefined
    case "slice":
      return simplifySlice(node)
    case "pad":
      return sameShape(node.shape, node.inputs[0].shape) ? node.inputs[0] : undefined
    case "concatenate":
      return simplifyConcatenate(node)
    case "matmul":
      return simplifyMatmul(node)
    case "stopGradient":
      return node.inputs[0]
    case "pmean":
      // A mean over shards is the same on all of them.
      return node.inputs[0].op === "pmean" ? node.inputs[0] : undefined
    default:
      return undefined
  }
}

const stretchTo = (x: Tensor, shape: Shape): Tensor => broadcast(x, shape)

const simplifyAdd = (node: Node<"add">): Tensor | undefined => {
  const [a, b] = node.inputs
  if (uniformValue(a) === 0) return stretchTo(b, node.shape)
  if (uniformValue(b) === 0) return stretchTo(a, node.shape)
  if (b.op === "negate") return subtract(a, b.inputs[0])
  if (a.op === "negate") return subtract(b, a.inputs[0])
  return gatheredShift(node)
}

const simplifySubtract = (node: Node<"subtract">): Tensor | undefined => {
  const [a, b] = node.inputs
  if (uniformValue(b) === 0) return stretchTo(a, node.shape)
  if (uniformValue(a) === 0) return negate(stretchTo(b, node.shape))
  if (b.op === "negate") return add(a, b.inputs[0])
  return gatheredShift(node)
}

/** (x + c) + d = x + (c + d), for constants added or subtracted. */
const gatheredShift = (node: Node<"add"> | Node<"subtract">): Tensor | undefined => {
  const outer = shiftOf(node)
  const inner = outer === undefined ? undefined : shiftOf(outer.of)
  if (outer === undefined || inner === undefined || !isOrdinary(inner.by) || !isOrdinary(outer.by)) return undefined
  const by = inner.by + outer.by
  if (by === 0) return stretchTo(inner.of, node.shape)
  return isOrdinary(by) ? stretchTo(add(inner.of, by), node.shape) : undefined
}

/** What a constant is added to, and the constant, if a node is such a sum or difference. */
const shiftOf = (node: Tensor): { readonly of: Tensor; readonly by: number } | undefined => {
  if (node.op !== "add" && node.op !== "subtract") return undefined
  const [a, b] = node.inputs
  const [first, second] = [uniformValue(a), uniformValue(b)]
  if (second !== undefined) return { of: a, by: node.op === "add" ? second : -second }
  return first !== undefined && node.op === "add" ? { of: b, by: first } : undefined
}

const simplifyMultiply = (node: Node<"multiply">): Tensor | undefined => {
  const [a, b] = node.inputs
  const factor = uniformValue(a)
  if (factor !== undefined && uniformValue(b) === undefined) return multiply(b, a)
  const scale = uniformValue(b)
  if (scale === undefined) return undefined
  if (scale === 1) return stretchTo(a, node.shape)
  if (scale === -1) return negate(stretchTo(a, node.shape))
  // (x c) d = x (c d), and (-x) c = x (-c)
  if (a.op === "multiply") {
    const inner = uniformValue(a.inputs[1])
    if (inner !== undefined && isOrdinary(inner * scale)) {
      return stretchTo(multiply(a.inputs[0], inner * scale), node.shape)
    }
  }
  if (a.op === "negate") return stretchTo(multiply(a.inputs[0], -scale), node.shape)
  return undefined
}

const simplifyDivide = (node: Node<"divide">): Tensor | undefined => {
  const [a, b] = node.inputs
  const divisor = uniformValue(b)
  return divisor === undefined || !isOrdinary(1 / divisor)
    ? undefined
    : stretchTo(multiply(a, scalar(1 / divisor)), node.shape)
}

// Engines compute in float32: a gathered constant beyond its normal range would give infinities, zeros or NaN where the
// two steps do not.
const isOrdinary = (value: number): boolean => Math.abs(value) >= 2 ** -126 && Math.abs(value) <= 2 ** 126

const simplifyNegate = (node: Node<"negate">): Tensor | undefined => {
  const [x] = node.inputs
  if (x.op === "negate") return x.inputs[0]
  if (x.op === "subtract") return subtract(x.inputs[1], x.inputs[0])
  if (x.op === "multiply") {
    const scale = uniformValue(x.inputs[1])
    if (scale !== undefined) return stretchTo(multiply(x.inputs[0], -scale), node.shape)
  }
  return undefined
}

/** An operand that is stretched explicitly, or filled, where the other operand's shape would stretch it anyway. */
const withoutStretching = (
  node: Node<"add"> | Node<"subtract"> | Node<"multiply">,
  rebuild: (a: Tensor, b: Tensor) => Tensor
): Tensor | undefined => {
  const [a, b] = node.inputs
  const slimA = sameShape(b.shape, node.shape) ? unstretched(a) : a
  if (slimA !== a) return rebuild(slimA, b)
  const slimB = sameShape(a.shape, node.shape) ? unstretched(b) : b
  return slimB === b ? undefined : rebuild(a, slimB)
}

const unstretched = (x: Tensor): Tensor => {
  if (x.op === "broadcast") return x.inputs[0]
  return x.op === "full" && x.shape.length > 0 ? scalar(x.parameters.value) : x
}

const simplifyReshape = (node: Node<"reshape">): Tensor | undefined => {
  const [x] = node.inputs
  if (sameShape(node.shape, x.shape)) return x
  return x.op === "reshape" ? reshape(x.inputs[0], node.shape) : undefined
}

const simplifyTranspose = (node: Node<"transpose">): Tensor | undefined => {
  const [x] = node.inputs
  const { permutation } = node.parameters
  // Moving axes of size 1 moves no number.
  const moved = permutation.filter((axis) => x.shape[axis] !== 1)
  if (moved.every((axis, i) => axis > (moved[i - 1] ?? -1))) return reshape(x, node.shape)
  if (x.op === "transpose") {
    const inner = x.parameters.permutation
    return transpose(
      x.inputs[0],
      permutation.map((axis) => inner[axis] ?? 0)
    )
  }
  // (A B)^T = B^T A^T
  if (x.op === "matmul" && swapsLastTwo(permutation)) {
    const { transposeA, transposeB } = x.parameters
    return matmul(x.inputs[1], x.inputs[0], { transposeA: !transposeB, transposeB: !transposeA })
  }
  return undefined
}

const swapsLastTwo = (permutation: ReadonlyArray<number>): boolean => {
  const rank = permutation.length
  return (
    rank >= 2 && permutation.every((axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i))
  )
}

const simplifyBroadcast = (node: Node<"broadcast">): Tensor | undefined => {
  const [x] = node.inputs
  if (sameShape(node.shape, x.shape)) return x
  if (x.op === "full") return full(node.shape, x.parameters.value)
  return x.op === "broadcast" ? broadcast(x.inputs[0], node.shape) : undefined
}

const simplifySlice = (node: Node<"slice">): Tensor | undefined => {
  const [x] = node.inputs
  const { starts, sizes } = node.parameters
  if (sameShape(node.shape, x.shape)) return x
  if (x.op === "slice") {
    const inner = x.parameters.starts
    return slice(
      x.inputs[0],
      starts.map((start, axis) => start + (inner[axis] ?? 0)),
      sizes
    )
  }
  if (x.op !== "concatenate") return undefined
  // A part of joined tensors that lies within one of them.
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

const simplifyConcatenate = (node: Node<"concatenate">): Tensor | undefined => {
  const { axis } = node.parameters
  const [first] = node.inputs
  if (first === undefined || node.inputs.length === 1) return first
  if (node.inputs.some((input) => input.op === "concatenate" && input.parameters.axis === axis)) {
    const flat = node.inputs.flatMap((input) =>
      input.op === "concatenate" && input.parameters.axis === axis ? input.inputs : [input]
    )
    return concatenate(flat, axis)
  }
  return rejoined(node.inputs, axis)
}

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

const simplifyMatmul = (node: Node<"matmul">): Tensor | undefined => {
  const [a, b] = node.inputs
  const { transposeA, transposeB } = node.parameters
  if (a.op === "transpose" && swapsLastTwo(a.parameters.permutation)) {
    return matmul(a.inputs[0], b, { transposeA: !transposeA, transposeB })
  }
  if (b.op === "transpose" && swapsLastTwo(b.parameters.permutation)) {
    return matmul(a, b.inputs[0], { transposeA, transposeB: !transposeB })
  }
  return undefined
}
