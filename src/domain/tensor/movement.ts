import { build, Mismatch, normaliseAxes, type Rules, ShapeError } from "./Rule.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"
import { type MapList, mapList } from "./Tree.ts"

const firstShape = (inputs: ReadonlyArray<Shape>): Shape => inputs[0] ?? []

const invertPermutation = (permutation: ReadonlyArray<number>): ReadonlyArray<number> =>
  permutation.map((_, axis) => permutation.indexOf(axis))

/** Primitives that move numbers about without changing them. */
export const movementRules: Rules<"reshape" | "transpose" | "slice" | "pad" | "concatenate"> = {
  // y = x with the same numbers in row-major order
  reshape: {
    shape: ({ shape }, inputs) => {
      const sound = shape.every((size) => Number.isSafeInteger(size) && size > 0)
      if (!sound || sizeOf(shape) !== sizeOf(firstShape(inputs))) {
        throw new Mismatch(`cannot become ${formatShape(shape)}: the number of elements differs`)
      }
      return shape
    },
    gradient: (node, cotangent) => [reshape(cotangent, node.inputs[0].shape)]
  },
  // y[i_perm(0), i_perm(1), ..] = x[i_0, i_1, ..]
  transpose: {
    shape: ({ permutation }, inputs) => {
      const shape = firstShape(inputs)
      const sorted = [...permutation].sort((a, b) => a - b)
      if (sorted.length !== shape.length || !sorted.every((axis, i) => axis === i)) {
        throw new Mismatch(`[${permutation.join(", ")}] is not a permutation of its ${shape.length} axes`)
      }
      return permutation.map((axis) => shape[axis] ?? 1)
    },
    gradient: (node, cotangent) => [transpose(cotangent, invertPermutation(node.parameters.permutation))]
  },
  // y[i, j, ..] = x[start_0 + i, start_1 + j, ..]
  slice: {
    shape: ({ starts, sizes }, inputs) => {
      const shape = firstShape(inputs)
      const sound =
        starts.length === shape.length &&
        sizes.length === shape.length &&
        shape.every((size, axis) => {
          const start = starts[axis] ?? 0
          const length = sizes[axis] ?? 0
          return (
            Number.isInteger(start) && Number.isInteger(length) && start >= 0 && length > 0 && start + length <= size
          )
        })
      if (!sound) throw new Mismatch(`has no part of size ${formatShape(sizes)} at ${formatShape(starts)}`)
      return sizes
    },
    // dx = g, with zeros around it
    gradient: (node, cotangent) => {
      const { starts, sizes } = node.parameters
      const after = node.inputs[0].shape.map((size, axis) => size - (starts[axis] ?? 0) - (sizes[axis] ?? 0))
      return [pad(cotangent, starts, after)]
    }
  },
  // y = x with `before` zeros in front of and `after` zeros behind it along each axis
  pad: {
    shape: ({ before, after }, inputs) => {
      const shape = firstShape(inputs)
      const sound = before.length === shape.length && after.length === shape.length
      if (!sound || ![...before, ...after].every((n) => Number.isInteger(n) && n >= 0)) {
        throw new Mismatch(`cannot be padded by ${formatShape(before)} in front and ${formatShape(after)} behind`)
      }
      return shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0))
    },
    gradient: (node, cotangent) => [slice(cotangent, node.parameters.before, node.inputs[0].shape)]
  },
  // y = the inputs one behind the other along `axis`
  concatenate: {
    shape: ({ axis }, inputs) => {
      const first = firstShape(inputs)
      if (inputs.length === 0) throw new Mismatch("needs at least one tensor")
      const sound =
        Number.isInteger(axis) &&
        axis >= 0 &&
        axis < first.length &&
        inputs.every((shape) => sameShape(shape.toSpliced(axis, 1), first.toSpliced(axis, 1)))
      if (!sound) throw new Mismatch(`cannot be joined along axis ${axis}: the other axes must be equal`)
      return first.with(
        axis,
        inputs.reduce((total, shape) => total + (shape[axis] ?? 0), 0)
      )
    },
    gradient: (node, cotangent) =>
      split(
        cotangent,
        node.parameters.axis,
        node.inputs.map((input) => input.shape[node.parameters.axis] ?? 1)
      )
  }
}

/** The same numbers in row-major order under another shape with as many elements. */
export const reshape = (x: Tensor, shape: Shape): Tensor => build(movementRules.reshape, "reshape", { shape }, [x])

/** Axes in another order: result axis `i` is axis `permutation[i]` of `x`. Without a permutation, all axes reversed. */
export const transpose = (x: Tensor, permutation?: ReadonlyArray<number>): Tensor =>
  build(
    movementRules.transpose,
    "transpose",
    { permutation: permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis) },
    [x]
  )

/**
 * The length of an axis; a negative one counts from the end. Throws a `ShapeError` outside the tensor's rank, so that a
 * tensor of the wrong kind is found where it is looked at.
 */
export const size = (x: Tensor, axis: number): number => {
  const length = x.shape.at(axis)
  if (length === undefined || !Number.isInteger(axis)) {
    throw new ShapeError("size", [x.shape], `a tensor of rank ${x.shape.length} has no axis ${axis}`)
  }
  return length
}

/** The part of `x` that begins at `starts` and has shape `sizes`. */
export const slice = (x: Tensor, starts: ReadonlyArray<number>, sizes: Shape): Tensor =>
  build(movementRules.slice, "slice", { starts, sizes }, [x])

/** `x[.., start : start + size, ..]` along one axis. */
export const sliceAxis = (x: Tensor, axis: number, start: number, size: number): Tensor => {
  const [along = 0] = normaliseAxes("slice", x.shape, [axis])
  return slice(
    x,
    x.shape.map((_, i) => (i === along ? start : 0)),
    x.shape.with(along, size)
  )
}

/** `x[.., index, ..]`: one entry along an axis, which disappears. */
export const take = (x: Tensor, axis: number, index: number): Tensor => {
  const [along = 0] = normaliseAxes("slice", x.shape, [axis])
  return reshape(sliceAxis(x, along, index, 1), x.shape.toSpliced(along, 1))
}

/**
 * Cuts `x` along an axis into parts of the given sizes, one behind the other: `[.., a + b, ..]` into `[.., a, ..]` and
 * `[.., b, ..]`. Of a tuple of sizes, a tuple of as many tensors. Throws a `ShapeError` unless the sizes make up the axis.
 */
export const split = <const Sizes extends ReadonlyArray<number>>(
  x: Tensor,
  axis: number,
  sizes: Sizes
): MapList<Sizes, Tensor> => {
  const whole = size(x, axis)
  if (sizes.reduce((total, part) => total + part, 0) !== whole) {
    throw new ShapeError(
      "split",
      [x.shape],
      `parts of ${sizes.join(" + ")} do not make up the ${whole} of axis ${axis}`
    )
  }
  let start = 0
  return mapList(sizes, (length) => {
    const part = sliceAxis(x, axis, start, length)
    start += length
    return part
  })
}

type Repeated<Item, Count extends number, List extends ReadonlyArray<Item> = readonly []> = number extends Count
  ? ReadonlyArray<Item>
  : List["length"] extends Count
    ? List
    : Repeated<Item, Count, readonly [...List, Item]>

/**
 * Cuts `x` along an axis into `count` parts of one size, one behind the other: `[.., count n, ..]` into `count` times
 * `[.., n, ..]`, as a tuple where the count is written out. Throws a `ShapeError` where the axis cannot be so divided.
 */
export const chunks = <const Count extends number>(x: Tensor, axis: number, count: Count): Repeated<Tensor, Count> => {
  const whole = size(x, axis)
  if (!(Number.isInteger(count) && count > 0 && whole % count === 0)) {
    throw new ShapeError("chunks", [x.shape], `the ${whole} of axis ${axis} do not make ${count} equal parts`)
  }
  const sizes = Array.from({ length: count }, () => whole / count)
  // The compiler does not count what a number makes while it is open.
  return split(x, axis, sizes) as ReadonlyArray<Tensor> as Repeated<Tensor, Count>
}

/** Zeros around `x`: `before[i]` in front of and `after[i]` behind it along axis `i`. */
export const pad = (x: Tensor, before: ReadonlyArray<number>, after: ReadonlyArray<number>): Tensor =>
  build(movementRules.pad, "pad", { before, after }, [x])

/** The tensors one behind the other along an axis; their other axes must be equal. */
export const concatenate = (tensors: ReadonlyArray<Tensor>, axis: number): Tensor => {
  const rank = tensors[0]?.shape.length ?? 0
  return build(movementRules.concatenate, "concatenate", { axis: axis < 0 ? axis + rank : axis }, tensors)
}

/** Tensors of one shape joined along a new axis, which is axis `axis` of the result (negative: counted from its end). */
export const stack = (tensors: ReadonlyArray<Tensor>, axis: number): Tensor => {
  const rank = (tensors[0]?.shape.length ?? 0) + 1
  const along = axis < 0 ? axis + rank : axis
  return concatenate(
    tensors.map((tensor) => reshape(tensor, tensor.shape.toSpliced(along, 0, 1))),
    along
  )
}
