import { type Shape, sameShape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Emitter, Value } from "./Emitter.ts"

/** The axes in another order; without a kernel where only axes of size 1 change places. */
export const permuted = (emit: Emitter, value: Value, perm: ReadonlyArray<number>): Value => {
  const shape = perm.map((axis) => value.shape[axis] ?? 1)
  const moved = perm.filter((axis) => value.shape[axis] !== 1)
  return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0))
    ? emit.reshape(value, shape)
    : emit.call("Transpose", { x: value }, { perm }, shape)
}

/** As many axes as the kernels have that the wasm backend takes from XNNPACK. Given more, they write nothing and say nothing. */
const mostAxes = 6

/** Zeros around a tensor. */
export const padded = (
  emit: Emitter,
  value: Value,
  before: ReadonlyArray<number>,
  after: ReadonlyArray<number>
): Value => {
  const shape = value.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0))
  if (sameShape(shape, value.shape)) return value
  if (shape.length > mostAxes) return paddedInTurns(emit, value, before, after)
  const paddings = before.map((n, axis) => [n, after[axis] ?? 0])
  return emit.call("PadV2", { x: value }, { paddings, constantValue: 0 }, shape)
}

/** Zeros around a tensor of any number of axes, one axis after the other: with all in front of it, and it with all behind it. */
const paddedInTurns = (
  emit: Emitter,
  value: Value,
  before: ReadonlyArray<number>,
  after: ReadonlyArray<number>
): Value =>
  value.shape.reduce((made, size, axis) => {
    const [first, last] = [before[axis] ?? 0, after[axis] ?? 0]
    const [outer, inner] = [sizeOf(made.shape.slice(0, axis)), sizeOf(made.shape.slice(axis + 1))]
    const rows = emit.reshape(made, [outer, size * inner])
    return emit.reshape(
      padded(emit, rows, [0, first * inner], [0, last * inner]),
      made.shape.with(axis, first + size + last)
    )
  }, value)

/** A kernel of two operands, number by number, over the shape that both are stretched to. */
export const pairwise = (
  emit: Emitter,
  kernel: string,
  { a, b }: { readonly a: Value; readonly b: Value },
  shape: Shape,
  dtype?: Value["dtype"]
): Value => {
  if (shape.length <= mostAxes) return emit.call(kernel, { a, b }, {}, shape, dtype)
  const size = sizeOf(shape)
  const flat = (value: Value): Value =>
    sizeOf(value.shape) === 1 ? emit.reshape(value, [1]) : emit.reshape(stretched(emit, value, shape), [size])
  return emit.reshape(emit.call(kernel, { a: flat(a), b: flat(b) }, {}, [size], dtype), shape)
}

/** A part of a tensor. */
export const sliced = (emit: Emitter, value: Value, begin: ReadonlyArray<number>, size: Shape): Value =>
  sameShape(value.shape, size) ? value : emit.call("Slice", { x: value }, { begin, size }, size)

/** A tensor stretched to a shape: missing axes are added in front, axes of size 1 repeated. */
export const stretched = (emit: Emitter, value: Value, shape: Shape): Value => {
  const lifted = emit.reshape(value, [...shape.map(() => 1).slice(value.shape.length), ...value.shape])
  if (sameShape(lifted.shape, shape)) return lifted
  const reps = shape.map((size, axis) => (lifted.shape[axis] === size ? 1 : size))
  return emit.call("Tile", { x: lifted }, { reps }, shape, value.dtype)
}
