import type { Tensor } from "../../../domain/tensor/Tensor.ts"
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
  /** Whether it is there without a copy. */
  readonly has: (tensor: Tensor, form: Form) => boolean
  /** Says that a value is there in a form. */
  readonly set: (tensor: Tensor, form: Form, name: string) => void
}

/** Channels last, of images `[n, channels, rows, columns]`. */
export const channelsLast = "last 1"

export const makeForms = (emit: Emitter): Forms => {
  const names = new Map<Tensor, Map<Form, string>>()
  const set: Forms["set"] = (tensor, form, name) => {
    const known = names.get(tensor) ?? new Map<Form, string>()
    names.set(tensor, known.set(form, name))
  }
  const of: Forms["of"] = (tensor, form) => {
    const known = names.get(tensor)
    const name = known?.get(form)
    if (name !== undefined) return name
    const [from, given] = [...(known ?? [])][0] ?? []
    if (from === undefined || given === undefined) return ""
    const perm = between(tensor.shape.length, from, form)
    const now = axesOf(tensor.shape.length, from).map((axis) => tensor.shape[axis] ?? 1)
    const made = isMoved(now, perm)
      ? emit.node("Transpose", [given], { perm })
      : emit.node("Reshape", [given, emit.reshapedSizes(perm.map((axis) => now[axis] ?? 1))])
    set(tensor, form, made)
    return made
  }
  return { of, set, has: (tensor, form) => names.get(tensor)?.has(form) === true }
}

/** The axes of a tensor in the order of a form. */
export const axesOf = (rank: number, form: Form): ReadonlyArray<number> => {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  if (form === "plain") return axes
  if (form === "swapped") return [1, 0, ...axes.slice(2)]
  const moved = Number(form.slice("last ".length))
  return [...axes.filter((axis) => axis !== moved), moved]
}

/** The permutation that leads from one form to another. */
const between = (rank: number, from: Form, to: Form): ReadonlyArray<number> => {
  const places = axesOf(rank, from)
  return axesOf(rank, to).map((axis) => places.indexOf(axis))
}

/** Whether a permutation moves numbers, and not only axes of size 1. */
const isMoved = (shape: ReadonlyArray<number>, perm: ReadonlyArray<number>): boolean => {
  const large = perm.filter((axis) => shape[axis] !== 1)
  return large.some((axis, i) => axis < (large[i - 1] ?? -1))
}
