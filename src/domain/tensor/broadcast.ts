import { reshape } from "./movement.ts"
import { build, Mismatch, normaliseAxes, type Rules } from "./Rule.ts"
import { broadcastShapes, formatShape, reducedShape, type Shape, sameShape } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"

/** Repeating along axes and summing over them: each is the other's adjoint. */
export const broadcastRules: Rules<"broadcast" | "sum"> = {
  // y[i, j] = x[i, 0] for an axis of size 1 (or a missing one)
  broadcast: {
    shape: ({ shape }, inputs) => {
      const from = inputs[0] ?? []
      const joint = broadcastShapes(from, shape)
      if (joint === undefined || !sameShape(joint, shape) || !shape.every(Number.isSafeInteger))
        throw new Mismatch(`cannot be stretched to ${formatShape(shape)}`)
      return shape
    },
    gradient: (node, cotangent) => [unbroadcast(cotangent, node.inputs[0].shape)]
  },
  // y = sum of x over `axes`
  sum: {
    shape: ({ axes, keepAxes }, inputs) => reducedShape(inputs[0] ?? [], axes, keepAxes),
    gradient: (node, cotangent) => {
      const { axes } = node.parameters
      const { shape } = node.inputs[0]
      return [broadcast(reshape(cotangent, reducedShape(shape, axes, true)), shape)]
    }
  }
}

/** `x` stretched to `shape` by NumPy's rule: missing axes are added in front, axes of size 1 repeated. */
export const broadcast = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : build(broadcastRules.broadcast, "broadcast", { shape }, [x])

/** The sum of `x` over some axes (all, if none are given). They disappear unless `keepAxes`. */
export const sum = (x: Tensor, axes?: ReadonlyArray<number>, keepAxes = false): Tensor =>
  build(
    broadcastRules.sum,
    "sum",
    { axes: normaliseAxes("sum", x.shape, axes ?? x.shape.map((_, i) => i)), keepAxes },
    [x]
  )

/** The adjoint of broadcasting from `shape` to `x.shape`: sums over every axis that had been repeated. */
export const unbroadcast = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x
  const added = x.shape.length - shape.length
  const repeated = x.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : []
  )
  return reshape(sum(x, repeated), shape)
}
