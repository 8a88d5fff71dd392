import { broadcastAll, multiply, negate, type Operand, stretched, subtract, toTensor } from "./arithmetic.ts"
import { unbroadcast } from "./broadcast.ts"
import { build, Mismatch, type Rules } from "./Rule.ts"
import { scalar } from "./source.ts"
import type { Tensor } from "./Tensor.ts"

/** Comparison and choice. Truth is the number 1, falsehood 0; NaN compares false. */
export const comparisonRules: Rules<"greater" | "where" | "maximum" | "clamp"> = {
  // y = 1 where a > b, else 0: constant almost everywhere
  greater: { shape: broadcastAll, gradient: () => [undefined, undefined] },
  // y = a where condition is not 0, else b
  where: {
    shape: broadcastAll,
    gradient: (node, g) => {
      const [condition, a, b] = node.inputs
      return [
        undefined,
        unbroadcast(where(condition, g, scalar(0)), a.shape),
        unbroadcast(where(condition, scalar(0), g), b.shape)
      ]
    }
  },
  // y = max(a, b); where they are equal the derivative is b's
  maximum: {
    shape: broadcastAll,
    gradient: stretched((a, b, g) => {
      const aWins = greater(a, b)
      return [where(aWins, g, scalar(0)), where(aWins, scalar(0), g)]
    })
  },
  // y = min(max(x, lowest), highest):  dx = g strictly inside, 0 elsewhere
  clamp: {
    shape: ({ lowest, highest }, inputs) => {
      if (!(lowest <= highest)) throw new Mismatch(`the bounds ${lowest} and ${highest} enclose nothing`)
      return broadcastAll(undefined, inputs)
    },
    gradient: (node, g) => {
      const { lowest, highest } = node.parameters
      const [x] = node.inputs
      return [where(multiply(greater(x, lowest), greater(highest, x)), g, 0)]
    }
  }
}

/** 1 where `a > b`, else 0, elementwise with broadcasting; 0 where either is NaN. */
export const greater = (a: Operand, b: Operand): Tensor =>
  build(comparisonRules.greater, "greater", {}, [toTensor(a), toTensor(b)])

/** 1 where `a < b`, else 0, elementwise with broadcasting; 0 where either is NaN. */
export const less = (a: Operand, b: Operand): Tensor => greater(b, a)

/** -1, 0 or 1, elementwise; 0 where `x` is NaN. Its derivative is zero. */
export const sign = (x: Tensor): Tensor => subtract(greater(x, 0), less(x, 0))

/** 1 where the condition is 0, else 0, elementwise; the condition must be 0 or 1. */
export const not = (condition: Tensor): Tensor => subtract(1, condition)

/** `whenTrue` where the condition is not 0, `otherwise` elsewhere, all stretched to one another. */
export const where = (condition: Tensor, whenTrue: Operand, otherwise: Operand): Tensor =>
  build(comparisonRules.where, "where", {}, [condition, toTensor(whenTrue), toTensor(otherwise)])

/** The greater of two, elementwise; NaN if either is NaN. */
export const maximum = (a: Operand, b: Operand): Tensor =>
  build(comparisonRules.maximum, "maximum", {}, [toTensor(a), toTensor(b)])

/** The lesser of two, elementwise: `-max(-a, -b)`. */
export const minimum = (a: Operand, b: Operand): Tensor => negate(maximum(negate(toTensor(a)), negate(toTensor(b))))

/**
 * `x` held within `[lowest, highest]`; NaN stays NaN. The derivative is zero where it is held.
 * Throws a `ShapeError` unless `lowest <= highest`.
 */
export const clamp = (x: Tensor, lowest: number, highest: number): Tensor =>
  build(comparisonRules.clamp, "clamp", { lowest, highest }, [x])

/** The absolute value of each element, `[..]` to `[..]`. */
export const abs = (x: Tensor): Tensor => multiply(x, subtract(multiply(greater(x, 0), 2), 1))
