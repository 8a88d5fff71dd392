import { add, multiply, negate, subtract } from "../arithmetic.ts"
import { broadcast } from "../broadcast.ts"
import { type Shape, sameShape } from "../Shape.ts"
import { scalar } from "../source.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { uniformValue } from "./constants.ts"
import { type NodeRule, ruleFor } from "./NodeRule.ts"

const stretchTo = (x: Tensor, shape: Shape): Tensor => broadcast(x, shape)

/** What cancels, and constants gathered. `c` and `d` are constants, the same everywhere. */
export const arithmeticRewrites: ReadonlyArray<NodeRule> = [
  ruleFor("add", "0 + x = x", ({ inputs: [a, b], shape }) => (uniformValue(a) === 0 ? stretchTo(b, shape) : undefined)),
  ruleFor("add", "x + 0 = x", ({ inputs: [a, b], shape }) => (uniformValue(b) === 0 ? stretchTo(a, shape) : undefined)),
  ruleFor("add", "x + (-y) = x - y", ({ inputs: [a, b] }) =>
    b.op === "negate" ? subtract(a, b.inputs[0]) : undefined
  ),
  ruleFor("add", "(-x) + y = y - x", ({ inputs: [a, b] }) =>
    a.op === "negate" ? subtract(b, a.inputs[0]) : undefined
  ),
  ruleFor("add", "(x + c) + d = x + (c + d)", (node) => gatheredShift(node)),
  ruleFor("add", "(A B + b) + (C D + c) = (A B + (b + c)) + C D", ({ inputs: [a, b] }) => gatheredBiases(a, b)),
  ruleFor("subtract", "x - 0 = x", ({ inputs: [a, b], shape }) =>
    uniformValue(b) === 0 ? stretchTo(a, shape) : undefined
  ),
  ruleFor("subtract", "0 - x = -x", ({ inputs: [a, b], shape }) =>
    uniformValue(a) === 0 ? negate(stretchTo(b, shape)) : undefined
  ),
  ruleFor("subtract", "x - (-y) = x + y", ({ inputs: [a, b] }) =>
    b.op === "negate" ? add(a, b.inputs[0]) : undefined
  ),
  ruleFor("subtract", "(x + c) - d = x + (c - d)", (node) => gatheredShift(node)),
  ruleFor("multiply", "c x = x c", ({ inputs: [a, b] }) =>
    uniformValue(a) !== undefined && uniformValue(b) === undefined ? multiply(b, a) : undefined
  ),
  ruleFor("multiply", "x 1 = x", ({ inputs: [a, b], shape }) =>
    uniformValue(b) === 1 ? stretchTo(a, shape) : undefined
  ),
  ruleFor("multiply", "x (-1) = -x", ({ inputs: [a, b], shape }) =>
    uniformValue(b) === -1 ? negate(stretchTo(a, shape)) : undefined
  ),
  ruleFor("multiply", "(x c) d = x (c d)", ({ inputs: [a, b], shape }) => {
    const [scale, inner] = [uniformValue(b), a.op === "multiply" ? uniformValue(a.inputs[1]) : undefined]
    if (a.op !== "multiply" || scale === undefined || inner === undefined || !isOrdinary(inner * scale))
      return undefined
    return stretchTo(multiply(a.inputs[0], inner * scale), shape)
  }),
  ruleFor("multiply", "(-x) c = x (-c)", ({ inputs: [a, b], shape }) => {
    const scale = uniformValue(b)
    return scale === undefined || a.op !== "negate" ? undefined : stretchTo(multiply(a.inputs[0], -scale), shape)
  }),
  ruleFor("divide", "x / c = x (1 / c)", ({ inputs: [a, b], shape }) => {
    const divisor = uniformValue(b)
    return divisor === undefined || !isOrdinary(1 / divisor)
      ? undefined
      : stretchTo(multiply(a, scalar(1 / divisor)), shape)
  }),
  ruleFor("negate", "-(-x) = x", ({ inputs: [x] }) => (x.op === "negate" ? x.inputs[0] : undefined)),
  ruleFor("negate", "-(x - y) = y - x", ({ inputs: [x] }) =>
    x.op === "subtract" ? subtract(x.inputs[1], x.inputs[0]) : undefined
  ),
  ruleFor("negate", "-(x c) = x (-c)", ({ inputs: [x], shape }) => {
    const scale = x.op === "multiply" ? uniformValue(x.inputs[1]) : undefined
    return scale === undefined || x.op !== "multiply" ? undefined : stretchTo(multiply(x.inputs[0], -scale), shape)
  }),
  // An operand that is stretched explicitly, or filled, where the other operand's shape would stretch it anyway.
  ruleFor("add", "x + broadcast(y) = x + y", (node) => withoutStretching(node, add)),
  ruleFor("subtract", "x - broadcast(y) = x - y", (node) => withoutStretching(node, subtract)),
  ruleFor("multiply", "x broadcast(y) = x y", (node) => withoutStretching(node, multiply))
]

const gatheredShift = (node: Node<"add"> | Node<"subtract">): Tensor | undefined => {
  const outer = shiftOf(node)
  const inner = outer === undefined ? undefined : shiftOf(outer.of)
  if (outer === undefined || inner === undefined || !isOrdinary(inner.by) || !isOrdinary(outer.by)) return undefined
  const by = inner.by + outer.by
  if (by === 0) return stretchTo(inner.of, node.shape)
  return isOrdinary(by) ? stretchTo(add(inner.of, by), node.shape) : undefined
}

/**
 * Two products with a bias each: a sum of biases is small and made once, where each bias would be a pass over a product of its own;
 * and engines add a tensor to a product for nothing if the product has no bias yet.
 */
const gatheredBiases = (a: Tensor, b: Tensor): Tensor | undefined => {
  const [first, second] = [biasedProduct(a), biasedProduct(b)]
  if (first === undefined || second === undefined || !sameShape(first.bias.shape, second.bias.shape)) return undefined
  return add(add(first.product, add(first.bias, second.bias)), second.product)
}

const biasedProduct = (node: Tensor): { readonly product: Tensor; readonly bias: Tensor } | undefined => {
  if (node.op !== "add") return undefined
  const product = node.inputs.find(({ op }) => op === "matmul")
  const bias = node.inputs.find(({ op, shape }) => op !== "matmul" && shape.length === 1)
  return product === undefined || bias === undefined || product.shape.length < 2 ? undefined : { product, bias }
}

/** What a constant is added to, and the constant, if a node is such a sum or difference. */
const shiftOf = (
  node: Tensor | Node<"add"> | Node<"subtract">
): { readonly of: Tensor; readonly by: number } | undefined => {
  if (node.op !== "add" && node.op !== "subtract") return undefined
  const [a, b] = node.inputs
  const [first, second] = [uniformValue(a), uniformValue(b)]
  if (second !== undefined) return { of: a, by: node.op === "add" ? second : -second }
  return first !== undefined && node.op === "add" ? { of: b, by: first } : undefined
}

// Engines compute in float32: a gathered constant beyond its normal range would give infinities, zeros or NaN where the
// two steps do not.
const isOrdinary = (value: number): boolean => Math.abs(value) >= 2 ** -126 && Math.abs(value) <= 2 ** 126

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
