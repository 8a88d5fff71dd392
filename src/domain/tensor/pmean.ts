import { broadcastAll } from "./arithmetic.ts"
import { build, type Rules } from "./Rule.ts"
import { isTensor, type Tensor } from "./Tensor.ts"
import { mapLeaves, type Tree } from "./Tree.ts"

/** The one primitive that sees other shards than its own. */
export const shardRules: Rules<"pmean"> = {
  // y_k = 1/K sum_j x_j on every shard k:  dx_j = 1/K sum_k g_k, the derivative of the shards' losses added up
  pmean: { shape: broadcastAll, gradient: (_, g) => [pmean(g)] }
}

/**
 * The mean of `x` over the shards of a program (see `Sharding`), in the shape of `x` and the same on every shard; `x` itself in a program of one.
 * Summed in the order of the shards.
 *
 * A mean over equal shards of means over their examples is the mean over the whole batch, and so
 * `pmean(gradient(loss, parameters))` is the gradient of a loss that is a mean over the batch. `gradient` on a
 * shard differentiates the sum of all shards' losses by that shard's own tensors.
 */
export const pmean = (x: Tensor): Tensor => build(shardRules.pmean, "pmean", {}, [x])

/** `pmean` of every leaf, for a tree of gradients. */
export const meansOverShards = <T extends Tree<Tensor>>(tree: T): T => mapLeaves<Tensor, T>(tree, isTensor, pmean)
