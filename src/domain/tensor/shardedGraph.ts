import { own } from "../record/own.ts"
import { inputsFirst } from "./order.ts"
import { withInputs } from "./rules.ts"
import { formatShape } from "./Shape.ts"
import type { Sharding } from "./Sharding.ts"
import type { Tensor } from "./Tensor.ts"

/** The expressions as one shard computes them that is alone: every mean over shards is what it is a mean of. */
export const withoutMeans = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
  const replaced = new Map<Tensor, Tensor>()
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor
  for (const node of inputsFirst(roots)) {
    replaced.set(node, node.op === "pmean" ? now(node.inputs[0]) : withInputs(node, node.inputs.map(now)))
  }
  return roots.map(now)
}

/**
 * What is wrong with running expressions on these shards, in a sentence, or `undefined`: numbers that make no shards, an
 * input or a noise source that cannot be divided by examples, or a result that each shard would have its own of.
 */
export const shardingFault = (
  sharding: Sharding,
  inputs: Readonly<Record<string, Tensor>>,
  results: Readonly<Record<string, Tensor>>
): string | undefined => {
  const { count, examples } = sharding
  if (!isPositive(count) || !isPositive(examples)) return `cannot run on ${count} shards of ${examples} examples`
  const sharded = sharding.inputs.map((name) => own(inputs, name))
  const unfit = sharding.inputs.find((name) => own(inputs, name)?.shape[0] !== examples)
  if (unfit !== undefined) {
    const input = own(inputs, unfit)
    const found = input === undefined ? "is no input" : `has shape ${formatShape(input.shape)}`
    return `"${unfit}" is to hold the ${examples} examples of a shard along axis 0, but ${found}`
  }
  const named = new Set(sharded.map((tensor) => (tensor?.op === "placeholder" ? tensor.parameters.name : undefined)))
  // What each shard has its own numbers of.
  const differing = new Set<Tensor>()
  for (const node of inputsFirst(Object.values(results))) {
    if (node.op === "noise") {
      const { stream, exampleAxis = 0, examples: part = examples } = node.parameters
      const size = node.shape[exampleAxis]
      if (size === undefined || size % part !== 0) {
        return `noise stream "${stream}" ${formatShape(node.shape)} does not hold ${part} examples, or several times as many, along axis ${exampleAxis}; for a part of them say how many: { examples }`
      }
      differing.add(node)
    } else if (node.op === "placeholder") {
      if (named.has(node.parameters.name)) differing.add(node)
    } else if (node.op !== "pmean" && node.inputs.some((input) => differing.has(input))) {
      differing.add(node)
    }
  }
  const apart = Object.entries(results).find(([, tensor]) => differing.has(tensor))
  return apart === undefined
    ? undefined
    : `${apart[0]} differs from shard to shard: take pmean of what depends on examples`
}

const isPositive = (n: number): boolean => Number.isSafeInteger(n) && n > 0
