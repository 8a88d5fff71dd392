import { unbroadcast } from "./broadcast.ts"
import { build, Mismatch, type Rules } from "./Rule.ts"
import { broadcastShapes, type Shape } from "./Shape.ts"
import { scalar } from "./source.ts"
import type { Node, Op, Tensor } from "./Tensor.ts"

/** A tensor, or a number standing for the scalar. */
export type Operand = Tensor | number

/** Numbers become scalars; tensors stay. */
export const toTensor = (operand: Operand): Tensor => (typeof operand === "number" ? scalar(operand) : operand)

/** Shape rule of an elementwise primitive: all operands stretched to one another. */
export const broadcastAll = (_: unknown, inputs: ReadonlyArray<Shape>): Shape =>
  inputs.reduce((joint, shape) => {
    const next = broadcastShapes(joint, shape)
    if (next === undefined) throw new Mismatch("sizes must be equal, or one of them 1, axis by axis from the last")
    return next
  }, [])

type TwoOperands = { readonly [K in Op]: Node<K>["inputs"] extends readonly [Tensor, Tensor] ? K : never }[Op]

/** Gradient rule of a two-operand elementwise primitive, from the cotangents of its stretched operands. */
export const stretched =
  <K extends TwoOperands>(rule: (a: Tensor, b: Tensor, g: Tensor, node: Node<K>) => readonly [Tensor, Tensor]) =>
  (node: Node<K>, cotangent: Tensor): ReadonlyArray<Tensor> => {
    const [a, b]: readonly [Tensor, Tensor] = node.inputs
    const [forA, forB] = rule(a, b, cotangent, node)
    return [unbroadcast(forA, a.shape), unbroadcast(forB, b.shape)]
  }

/** Field arithmetic, elementwise, with broadcasting. */
export const arithmeticRules: Rules<"add" | "subtract" | "multiply" | "divide" | "negate"> = {
  // y = a + b:  da = g, db = g
  add: { shape: broadcastAll, gradient: stretched((_a, _b, g) => [g, g]) },
  // y = a - b:  da = g, db = -g
  subtract: { shape: broadcastAll, gradient: stretched((_a, _b, g) => [g, negate(g)]) },
  // y = a b:  da = g b, db = g a
  multiply: { shape: broadcastAll, gradient: stretched((a, b, g) => [multiply(g, b), multiply(g, a)]) },
  // y = a / b:  da = g / b, db = -g y / b
  divide: {
    shape: broadcastAll,
    gradient: stretched((_a, b, g, node) => [divide(g, b), negate(divide(multiply(g, node), b))])
  },
  // y = -x:  dx = -g
  negate: { shape: broadcastAll, gradient: (_, g) => [negate(g)] }
}

/** `a + b`, elementwise with broadcasting. */
export const add = (a: Operand, b: Operand): Tensor => build(arithmeticRules.add, "add", {}, [toTensor(a), toTensor(b)])

/** `a - b`, elementwise with broadcasting. */
export const subtract = (a: Operand, b: Operand): Tensor =>
  build(arithmeticRules.subtract, "subtract", {}, [toTensor(a), toTensor(b)])

/** `a b`, elementwise with broadcasting. */
export const multiply = (a: Operand, b: Operand): Tensor =>
  build(arithmeticRules.multiply, "multiply", {}, [toTensor(a), toTensor(b)])

/** `a / b`, elementwise with broadcasting; division by zero follows IEEE 754. */
export const divide = (a: Operand, b: Operand): Tensor =>
  build(arithmeticRules.divide, "divide", {}, [toTensor(a), toTensor(b)])

/** `-x`, elementwise. */
export const negate = (x: Tensor): Tensor => build(arithmeticRules.negate, "negate", {}, [x])

/** `x x`, elementwise. */
export const square = (x: Tensor): Tensor => multiply(x, x)

/** The elementwise sum of one or more tensors with broadcasting, added from left to right. Throws a `RangeError` if there is none. */
export const addAll = (tensors: ReadonlyArray<Tensor>): Tensor => {
  const [first, ...others] = tensors
  if (first === undefined) throw new RangeError("a sum of no tensors has no shape")
  return others.reduce<Tensor>((total, tensor) => add(total, tensor), first)
}
