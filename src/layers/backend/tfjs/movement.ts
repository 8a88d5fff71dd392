import { type Shape, sameShape } from "../../../domain/tensor/Shape.ts"
import type { Emitter, Value } from "./Emitter.ts"

/** The axes in another order; without a kernel where only axes of size 1 change places. */
export const permuted = (emit: Emitter, value: Value, perm: ReadonlyArray<number>): Value => {
  const shape = perm.map((axis) => value.shape[axis] ?? 1)
  const moved = perm.filter((axis) => value.shape[axis] !== 1)
  return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0))
    ? emit.reshape(value, shape)
    : emit.call("Transpose", { x: value }, { perm }, shape)
}

/** Zeros around a tensor. */
export const padded = (
  emit: Emitter,
  value: Value,
  before: ReadonlyArray<number>,
  after: ReadonlyArray<number>
): Value => {
  const shape = value.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0))
  if (sameShape(shape, value.shape)) return value
  const paddings = before.map((n, axis) => [n, after[axis] ?? 0])
  return emit.call("PadV2", { x: value }, { paddings, constantValue: 0 }, shape)
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
