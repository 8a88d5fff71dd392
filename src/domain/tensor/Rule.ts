import { callsHere, libraryPath, type Origin, originHere } from "./origin.ts"
import { formatShape, type Shape } from "./Shape.ts"
import type { Node, Op, Primitives, Tensor } from "./Tensor.ts"

/**
 * What a primitive means to the language: its shape and its derivative. (Its values are defined by the
 * kernels in `evaluate/`, which every engine is compared with.)
 */
export interface Rule<K extends Op> {
  /** The shape of the result. Throws `Mismatch` when the operands do not fit. */
  readonly shape: (parameters: Primitives[K]["parameters"], inputs: ReadonlyArray<Shape>) => Shape
  /**
   * The vector-Jacobian product: given the cotangent of the result (`cotangent.shape = node.shape`), the cotangent of
   * each input, in order and of that input's shape; `undefined` where the derivative is zero everywhere.
   */
  readonly gradient: (node: Node<K>, cotangent: Tensor) => ReadonlyArray<Tensor | undefined>
}

export type Rules<K extends Op> = { readonly [P in K]: Rule<P> }

/** Thrown inside shape rules; `build` turns it into a `ShapeError` with the primitive and the place. */
export class Mismatch extends Error {}

/** A tensor expression that cannot be: a mistake of the program that builds it, found while building. */
export class ShapeError extends Error {
  override readonly name = "ShapeError"
  readonly primitive: string
  readonly shapes: ReadonlyArray<Shape>
  constructor(primitive: string, shapes: ReadonlyArray<Shape>, expected: string) {
    const operands = shapes.length === 0 ? "" : ` of ${shapes.map(formatShape).join(" and ")}`
    super(`${primitive}${operands}: ${expected}${writtenAtLine()}`)
    this.primitive = primitive
    this.shapes = shapes
  }
}

/** The line of the user's own that wrote it; of the library where it is called by no other code, such as its command line. */
const writtenAtLine = (): string => {
  const calls = Error.stackTraceLimit === 0 ? [] : callsHere()
  const call = calls.find(({ file }) => libraryPath(file) === undefined) ?? calls[0]
  if (call === undefined) return ""
  return ` (written in ${call.name === undefined ? "" : `${call.name}, `}${call.file}:${call.line})`
}

/** Makes a node after checking its shape by the primitive's rule; throws `ShapeError`. Its origin is looked up unless it is given. */
export const build = <K extends Op>(
  rule: Rule<K>,
  op: K,
  parameters: Primitives[K]["parameters"],
  inputs: Primitives[K]["inputs"],
  origin: Origin | undefined = originHere(inputs)
): Node<K> => {
  const shapes = inputs.map((input) => input.shape)
  try {
    const node = { op, parameters, inputs, shape: rule.shape(parameters, shapes) }
    return origin === undefined ? node : { ...node, origin }
  } catch (error) {
    if (error instanceof Mismatch) throw new ShapeError(op, shapes, error.message)
    throw error
  }
}

/** Axes as non-negative integers in ascending order; negative ones count from the end. Throws `ShapeError`. */
export const normaliseAxes = (op: Op, shape: Shape, axes: ReadonlyArray<number>): ReadonlyArray<number> => {
  const rank = shape.length
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b)
  const sound = positive.every(
    (axis, i) => Number.isInteger(axis) && axis >= 0 && axis < rank && axis !== positive[i - 1]
  )
  if (!sound)
    throw new ShapeError(op, [shape], `axes [${axes.join(", ")}] are not distinct axes of a tensor of rank ${rank}`)
  return positive
}
