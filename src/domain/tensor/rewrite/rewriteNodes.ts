import { inputsFirst } from "../order.ts"
import { withInputs } from "../rules.ts"
import type { Tensor } from "../Tensor.ts"

/**
 * The same expressions with every node replaced by what `rewrite` makes of it, inputs first: a node is handed over with
 * its new inputs. A replacement must have the node's shape, or whatever uses it throws a `ShapeError`.
 */
export const rewriteNodes = (
  roots: ReadonlyArray<Tensor>,
  rewrite: (node: Tensor) => Tensor
): ReadonlyArray<Tensor> => {
  const replaced = new Map<Tensor, Tensor>()
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor
  for (const node of inputsFirst(roots)) replaced.set(node, rewrite(withInputs(node, node.inputs.map(now))))
  return roots.map(now)
}
