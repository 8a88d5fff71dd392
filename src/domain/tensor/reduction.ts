import { add, divide, multiply, subtract } from "./arithmetic.ts"
import { sum } from "./broadcast.ts"
import { greater, not } from "./comparison.ts"
import { exp, log } from "./elementwise.ts"
import { reshape } from "./movement.ts"
import { build, Mismatch, normaliseAxes, type Rules } from "./Rule.ts"
import { reducedShape, sizeOf } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"

/** Reductions other than the sum, which stands beside its adjoint in broadcast.ts. */
export const reductionRules: Rules<"max" | "softmax"> = {
  // y = the greatest x over `axes`; equal greatest ones share the derivative
  max: {
    shape: ({ axes, keepAxes }, inputs) => reducedShape(inputs[0] ?? [], axes, keepAxes),
    gradient: (node, g) => {
      const [x] = node.inputs
      const { axes } = node.parameters
      const kept = reducedShape(x.shape, axes, true)
      const isGreatest = not(greater(reshape(node, kept), x))
      return [multiply(isGreatest, divide(reshape(g, kept), sum(isGreatest, axes, true)))]
    }
  },
  // y[.., i] = e^x[.., i] / sum_j e^x[.., j]:  dx = y (g - sum_j g y)
  softmax: {
    shape: (_, inputs) => {
      const shape = inputs[0] ?? []
      if (shape.length === 0) throw new Mismatch("needs at least one axis")
      return shape
    },
    gradient: (y, g) => [multiply(y, subtract(g, sum(multiply(g, y), [-1], true)))]
  }
}

/**
 * The greatest element over some axes (all, if none are given). They disappear unless `keepAxes`. NaN where one is among
 * them, except that ONNX Runtime passes over a NaN that does not come first.
 */
export const max = (x: Tensor, axes?: ReadonlyArray<number>, keepAxes = false): Tensor =>
  build(
    reductionRules.max,
    "max",
    { axes: normaliseAxes("max", x.shape, axes ?? x.shape.map((_, i) => i)), keepAxes },
    [x]
  )

/** The softmax over the last axis, computed without overflow. Each row sums to 1. */
export const softmax = (x: Tensor): Tensor => build(reductionRules.softmax, "softmax", {}, [x])

/** The arithmetic mean over some axes (all, if none are given). They disappear unless `keepAxes`. */
export const mean = (x: Tensor, axes?: ReadonlyArray<number>, keepAxes = false): Tensor => {
  const total = sum(x, axes, keepAxes)
  return multiply(total, sizeOf(total.shape) / sizeOf(x.shape))
}

/** `ln sum e^x` over the last axis, which stays with size 1; computed without overflow. */
export const logSumExp = (x: Tensor): Tensor => {
  const greatest = max(x, [-1], true)
  return add(greatest, log(sum(exp(subtract(x, greatest)), [-1], true)))
}
