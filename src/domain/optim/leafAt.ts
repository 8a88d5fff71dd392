import { own } from "../record/own.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/** The leaf at a path of a flattened tree; a `RangeError` if there is none: the trees of an update must have one form. */
export const leafAt = (leaves: Readonly<Record<string, Tensor>>, path: string): Tensor => {
  const leaf = own(leaves, path)
  if (leaf === undefined) throw new RangeError(`the optimizer's trees differ: one of them lacks "${path}"`)
  return leaf
}
