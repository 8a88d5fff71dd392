/**
 * The sizes of a tensor's axes, outermost first. `[]` is a scalar. Every size is a positive integer:
 * the language has no empty tensors.
 */
export type Shape = ReadonlyArray<number>

/** Number of elements of a tensor of this shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** Row-major strides: how many elements apart two neighbours along each axis are. */
export const stridesOf = (shape: Shape): ReadonlyArray<number> => {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] ?? 1
  }
  return strides
}

/** Whether two shapes have the same sizes in the same order. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

/** `[100, 28, 28]`, as it is in messages and printed programs. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`

/**
 * The shape of two operands stretched to one another by NumPy's rule: axes are matched from the last one
 * backwards, and a missing axis or one of size 1 is repeated. `undefined` if two sizes differ otherwise.
 */
export const broadcastShapes = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length)
  const result = new Array<number>(rank)
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) return undefined
    result[axis] = Math.max(left, right)
  }
  return result
}

/** The shape after summing over `axes`: they disappear, or stay with size 1 if `keepAxes`. */
export const reducedShape = (shape: Shape, axes: ReadonlyArray<number>, keepAxes: boolean): Shape =>
  keepAxes
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis))
