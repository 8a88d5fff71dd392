import { inputsFirst } from "./order.ts"
import { isUnchanged, type NamedExpressions, type Program } from "./Program.ts"
import { withInputs } from "./rules.ts"
import { placeholder } from "./source.ts"
import type { Node, Tensor } from "./Tensor.ts"
import { mapRecord } from "./Tree.ts"
import type { Update } from "./updates.ts"

/**
 * What a shard computes between two exchanges with the others. Expressions here are made of the program's own
 * placeholders and noise, and of placeholders for what earlier stages have made: each has the name it is made under.
 */
export interface Stage {
  /** To be averaged over the shards when all have finished the stage, by the name of the placeholder for the mean. */
  readonly means: NamedExpressions
  /** For later stages of the same shard, by the name of the placeholder. */
  readonly kept: NamedExpressions
  /** Of the next state, by path. */
  readonly next: NamedExpressions
  /** Of the outputs, by name. */
  readonly outputs: NamedExpressions
  /** To be made after the means have been taken. */
  readonly updates: ReadonlyArray<StageUpdate>
}

/** An update, expressed in placeholders. */
export interface StageUpdate {
  /** By the names of the placeholders for them. */
  readonly results: NamedExpressions
  /** Which of `results` is the next state at a path. */
  readonly next: Readonly<Record<string, string>>
}

/**
 * A program cut at its means over shards: what each shard computes, stage by stage. A program of one shard is one stage.
 * A mean is taken as early as it can be, so that what it is made of need not be kept; everything else is computed as late
 * as it can be, so that little goes from one stage to the next. State that never changes is in no stage.
 *
 * It is cut at the given updates as well (`updatesOf`), which are then made between the stages; the next state that they
 * make is in no stage's `next`.
 */
export const stagesOf = (program: Program, updates: ReadonlyArray<Update> = []): ReadonlyArray<Stage> => {
  const updateOf = new Map(
    updates.flatMap((update) => Object.values(update.next).map((root) => [root, update] as const))
  )
  const next = Object.entries(program.next).filter(([path]) => !isUnchanged(program, path))
  const outputs = Object.entries(program.outputs)
  const roots = [...next, ...outputs].map(([, tensor]) => tensor)
  const order = inputsFirst(roots, (node) => updateOf.get(node)?.leaves ?? node.inputs)
  const exchanges = exchangesBefore(order, updateOf)
  const last = Math.max(0, ...exchanges.values())
  const stageOf = latestStages(order, exchanges, updateOf, last)
  const stages = Array.from({ length: last + 1 }, () => ({
    means: new Map<string, Tensor>(),
    kept: new Map<string, Tensor>(),
    next: new Map<string, Tensor>(),
    outputs: new Map<string, Tensor>(),
    updates: new Map<Update, StageUpdate>()
  }))
  const freeName = namesBeside(order)
  const computed = new Map<Tensor, Tensor>()
  const placeholders = new Map<Tensor, Tensor>()
  const standIn = (node: Tensor, kind: "means" | "kept", stage: number, made: Tensor): Tensor => {
    const known = placeholders.get(node)
    if (known !== undefined) return known
    const name = freeName(kind)
    stages[stage]?.[kind].set(name, made)
    const stand = placeholder(name, node.shape)
    placeholders.set(node, stand)
    return stand
  }
  /** The roots of an update get placeholders, and it its expressions, when the first of them is met. */
  const placeUpdate = (update: Update): void => {
    const [root] = Object.values(update.next)
    const stage = root === undefined ? 0 : (exchanges.get(root) ?? 1) - 1
    const made = new Map(
      update.leaves.map((leaf) => [
        leaf,
        mustBeKept(leaf)
          ? standIn(leaf, "kept", stageOf.get(leaf) ?? stage, computed.get(leaf) ?? leaf)
          : within(leaf, stage)
      ])
    )
    for (const node of inputsFirst(Object.values(update.next), (node) => (made.has(node) ? [] : node.inputs))) {
      if (!made.has(node)) {
        made.set(
          node,
          withInputs(
            node,
            node.inputs.map((input) => made.get(input) ?? input)
          )
        )
      }
    }
    const results: Array<readonly [string, Tensor]> = []
    const next = mapRecord(update.next, (node) => {
      const name = freeName("updated")
      placeholders.set(node, placeholder(name, node.shape))
      results.push([name, made.get(node) ?? node])
      return name
    })
    stages[stage]?.updates.set(update, { results: Object.fromEntries(results), next })
  }
  /** The node as it is named within a stage. */
  const within = (node: Tensor, stage: number): Tensor => {
    if (node.inputs.length === 0) return node
    if (node.op === "pmean" || updateOf.has(node)) return placeholders.get(node) ?? node
    const made = computed.get(node) ?? node
    const own = stageOf.get(node) ?? stage
    return own < stage ? standIn(node, "kept", own, made) : made
  }
  for (const node of order) {
    if (node.op === "pmean") {
      const stage = (exchanges.get(node) ?? 1) - 1
      standIn(node, "means", stage, within(node.inputs[0], stage))
    } else if (updateOf.has(node)) {
      const update = updateOf.get(node)
      if (update !== undefined && !placeholders.has(node)) placeUpdate(update)
    } else if (node.inputs.length > 0) {
      const stage = stageOf.get(node) ?? last
      computed.set(
        node,
        withInputs(
          node,
          node.inputs.map((input) => within(input, stage))
        )
      )
    }
  }
  const place = (kind: "next" | "outputs", name: string, root: Tensor): void => {
    const stage = isComputed(root) && !updateOf.has(root) ? (stageOf.get(root) ?? last) : last
    stages[stage]?.[kind].set(name, within(root, stage))
  }
  for (const [path, root] of next) if (!updateOf.has(root)) place("next", path, root)
  for (const [name, root] of outputs) place("outputs", name, root)
  return stages.map(({ means, kept, next, outputs, updates }) => ({
    means: Object.fromEntries(means),
    kept: Object.fromEntries(kept),
    next: Object.fromEntries(next),
    outputs: Object.fromEntries(outputs),
    updates: [...updates.values()]
  }))
}

const isComputed = (node: Tensor): boolean => node.inputs.length > 0 && node.op !== "pmean"

/** Whether a leaf of an update is no value with a name before the stage has run: noise and literals are none either. */
const mustBeKept = (leaf: Tensor): boolean => leaf.op !== "placeholder" && leaf.op !== "pmean"

/** How many exchanges must have been before a node's value is there. */
const exchangesBefore = (
  order: ReadonlyArray<Tensor>,
  updateOf: ReadonlyMap<Tensor, Update>
): ReadonlyMap<Tensor, number> => {
  const exchanges = new Map<Tensor, number>()
  for (const node of order) {
    const update = updateOf.get(node)
    if (update !== undefined) {
      const after = (leaf: Tensor): number => (exchanges.get(leaf) ?? 0) + Number(mustBeKept(leaf))
      exchanges.set(node, Math.max(1, ...update.leaves.map(after)))
      continue
    }
    const needed = node.inputs.reduce((most, input) => Math.max(most, exchanges.get(input) ?? 0), 0)
    exchanges.set(node, node.op === "pmean" ? needed + 1 : needed)
  }
  return exchanges
}

/** The last stage in which each node can be computed without anything having to wait for it. */
const latestStages = (
  order: ReadonlyArray<Tensor>,
  exchanges: ReadonlyMap<Tensor, number>,
  updateOf: ReadonlyMap<Tensor, Update>,
  last: number
): ReadonlyMap<Tensor, number> => {
  const latest = new Map<Tensor, number>()
  for (const node of order.toReversed()) {
    const stage = latest.get(node) ?? last
    latest.set(node, stage)
    const update = updateOf.get(node)
    const between = node.op === "pmean" || update !== undefined
    const wanted = between ? (exchanges.get(node) ?? 1) - 1 : stage
    for (const input of update?.leaves ?? node.inputs) latest.set(input, Math.min(latest.get(input) ?? last, wanted))
  }
  return latest
}

/** Names that no placeholder of the program has. */
const namesBeside = (order: ReadonlyArray<Tensor>): ((kind: string) => string) => {
  const taken = new Set(
    order
      .filter((node): node is Node<"placeholder"> => node.op === "placeholder")
      .map(({ parameters }) => parameters.name)
  )
  const free = (name: string): string => (taken.has(name) ? free(`_${name}`) : name)
  let count = 0
  return (kind) => free(`${kind} ${count++}`)
}
