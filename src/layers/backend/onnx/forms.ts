import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Node, Tensor } from "../../../domain/tensor/Tensor.ts"
import type { Emitter } from "./Emitter.ts"

/**
 * In which order an engine keeps the numbers of an expression: as its axes are, with one of them (the channels of images) moved to the end,
 * or with the first two (batch and channels) in each other's place.
 */
export type Form = "plain" | "swapped" | `last ${number}`

/** The graph's names for values in the forms that are there, and in others, which are made when they are asked for. */
export interface Forms {
  /** The name of a value in a form. */
  readonly of: (tensor: Tensor, form: Form) => string
  /** The forms that are there without a copy, that in which it was made first; none of what is part of another operator. */
  readonly known: (tensor: Tensor) => ReadonlyArray<Form>
  /** Says that a value is there in a form. */
  readonly set: (tensor: Tensor, form: Form, name: string) => void
}

/** One axis at the end; the order of the axes if it is there anyway. */
export const lastly = (rank: number, axis: number): Form => (axis === rank - 1 ? "plain" : `last ${axis}`)

/** Channels last, of images `[n, channels, rows, columns]`. */
export const channelsLast = lastly(4, 1)

export const makeForms = (emit: Emitter): Forms => {
  const names = new Map<Tensor, Map<Form, string>>()
  const known: Forms["known"] = (tensor) => [...(names.get(tensor)?.keys() ?? [])]
  const set: Forms["set"] = (tensor, form, name) => {
    names.set(tensor, (names.get(tensor) ?? new Map<Form, string>()).set(form, name))
  }
  const of: Forms["of"] = (tensor, form) => {
    const name = names.get(tensor)?.get(form)
    const [from] = known(tensor)
    if (name !== undefined || from === undefined) return name ?? ""
    const perm = between(tensor.shape.length, from, form)
    const given = of(tensor, from)
    const made = isMoved(inForm(tensor.shape, from), perm)
      ? emit.node("Transpose", [given], { perm })
      : emit.node("Reshape", [given, emit.reshapedSizes(inForm(tensor.shape, form))])
    set(tensor, form, made)
    return made
  }
  return { of, known, set }
}

/** The axes of a tensor in the order of a form. */
const axesOf = (rank: number, form: Form): ReadonlyArray<number> => {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  if (form === "plain") return axes
  if (form === "swapped") return [1, 0, ...axes.slice(2)]
  const moved = movedAxis(form)
  return [...axes.filter((axis) => axis !== moved), moved]
}

const movedAxis = (form: `last ${number}`): number => Number(form.slice("last ".length))

const isLast = (form: Form): form is `last ${number}` => form.startsWith("last")

/** A shape in the order of a form. */
export const inForm = (shape: Shape, form: Form): Shape => axesOf(shape.length, form).map((axis) => shape[axis] ?? 1)

/** The permutation that leads from one form to another. */
const between = (rank: number, from: Form, to: Form): ReadonlyArray<number> => {
  const places = axesOf(rank, from)
  return axesOf(rank, to).map((axis) => places.indexOf(axis))
}

/** Whether a permutation moves numbers, and not only axes of size 1. */
const isMoved = (shape: Shape, perm: ReadonlyArray<number>): boolean => {
  const large = perm.filter((axis) => shape[axis] !== 1)
  return large.some((axis, i) => axis < (large[i - 1] ?? -1))
}

/** What of a node's operands an operator is given: of a comparison that is part of it, what is compared. */
const operandsOf = (node: Tensor, forms: Forms): ReadonlyArray<Tensor> =>
  node.inputs.flatMap((input) => (input.op === "greater" && forms.known(input).length === 0 ? input.inputs : [input]))

/** The form in which numbers of a node are made one by one from those of its operands: that of most of them. */
export const formOfElements = (node: Tensor, forms: Forms): Form => {
  const operands = operandsOf(node, forms)
  const size = sizeOf(node.shape)
  const votes = new Map<Form, number>()
  for (const operand of operands.filter(({ shape }) => sizeOf(shape) === size)) {
    for (const form of forms.known(operand)) votes.set(form, (votes.get(form) ?? 0) + 1)
  }
  const isFitting = operands.every(({ shape }) => shape.length === node.shape.length || sizeOf(shape) === 1)
  const [best] = [...votes].filter(([form]) => isLast(form)).toSorted(([, a], [, b]) => b - a)
  return best !== undefined && isFitting && best[1] >= (votes.get("plain") ?? 0) ? best[0] : "plain"
}

/** The form of a tensor reshaped without moving a number, if its moved axis stays one: `last 1` of `[n, c, h, w]` as `[n, c, h w]`. */
export const reshapedForm = (node: Node<"reshape">, forms: Forms): readonly [from: Form, to: Form] => {
  const [x] = node.inputs
  const [from] = forms.known(x)
  if (from === undefined || !isLast(from)) return ["plain", "plain"]
  const moved = movedAxis(from)
  const before = sizeOf(x.shape.slice(0, moved))
  const to = node.shape.findIndex(
    (size, axis) => size === x.shape[moved] && sizeOf(node.shape.slice(0, axis)) === before
  )
  return to < 0 ? ["plain", "plain"] : [from, lastly(node.shape.length, to)]
}

/** Where a sum's axes are in the form of what is summed, and the form of the result. */
export const reducedForm = (node: Node<"sum">, forms: Forms): { from: Form; axes: ReadonlyArray<number>; to: Form } => {
  const [x] = node.inputs
  const { axes, keepAxes } = node.parameters
  const [form] = forms.known(x)
  if (form === undefined || !isLast(form)) return { from: "plain", axes, to: "plain" }
  const moved = movedAxis(form)
  const places = axesOf(x.shape.length, form)
  const left = moved - (keepAxes ? 0 : axes.filter((axis) => axis < moved).length)
  return {
    from: form,
    axes: places.flatMap((axis, place) => (axes.includes(axis) ? [place] : [])),
    to: !keepAxes && axes.includes(moved) ? "plain" : lastly(node.shape.length, left)
  }
}
