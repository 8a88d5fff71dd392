import { own } from "../record/own.ts"
import type { NamedTensors } from "../tensor/TensorData.ts"

/** Where two sets of tensors differ. */
export interface TensorDifference {
  /** The tensor's path and, where numbers differ, which one of its values: `generator.bias[3]`. */
  readonly quantity: string
  readonly expected: string
  readonly found: string
}

/**
 * The first place, in the order of `expected`, where tensors are not the same to the bit (-0 and 0 differ, NaN equals itself),
 * or nothing. Tensors that only `found` has are passed over: a part of a state may be compared with the whole.
 */
export const tensorDifference = (expected: NamedTensors, found: NamedTensors): TensorDifference | undefined => {
  for (const [path, before] of Object.entries(expected)) {
    const now = own(found, path)
    if (now === undefined) return { quantity: path, expected: shapeOf(before.shape), found: "none" }
    if (shapeOf(now.shape) !== shapeOf(before.shape)) {
      return { quantity: path, expected: shapeOf(before.shape), found: shapeOf(now.shape) }
    }
    const at = before.values.findIndex((value, i) => !Object.is(value, now.values[i]))
    if (at >= 0) {
      return { quantity: `${path}[${at}]`, expected: numberText(before.values[at]), found: numberText(now.values[at]) }
    }
  }
  return undefined
}

const shapeOf = (shape: ReadonlyArray<number>): string => `a tensor of [${shape.join(", ")}]`

const numberText = (value: number | undefined): string => (Object.is(value, -0) ? "-0" : String(value))
