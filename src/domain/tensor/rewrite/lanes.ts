import { inputsFirst } from "../order.ts"
import { withInputs } from "../rules.ts"
import type { Tensor } from "../Tensor.ts"
import { estimate, estimateAll } from "./estimate.ts"
import type { Graph, Rewritten } from "./Graph.ts"
import { joinLanesAlong, type Layout, laneOf, onLanes, partsOfOne, stackLanes, worksOnLanes } from "./laneOps.ts"
import { seedsOf } from "./laneSeeds.ts"

/** The same primitive on every lane. */
interface Pack {
  readonly members: ReadonlyArray<Tensor>
  /** The packs that hang together, by growing from one another, have the same: they are made at once, all or none. */
  origin: number
}

/**
 * Independent products of one matrix become one product of their left operands stacked, and what is done with all of them alike is
 * done on the stack:
 *
 *     f(X_1 W), .., f(X_T W)  =  the parts of  f([X_1; ..; X_T] W)
 *
 * so the projections, windows, patches and filters of T steps are made at once, as far as no step needs what another
 * makes. Where a recurrence passes the state on, lanes end: their parts are cut out again.
 */
export const joinLanes = (graph: Graph): Rewritten => {
  const packs = packsOf(graph)
  const packOf = new Map(packs.flatMap((pack) => pack.members.map((member) => [member, pack] as const)))
  const paying = new Set(
    [...new Set(packs.map(({ origin }) => origin))].filter((origin) => pays(graph, packs, packOf, origin))
  )
  if (paying.size === 0) return { roots: graph.roots, fired: 0 }
  const chosen = new Map([...packOf].filter(([, { origin }]) => paying.has(origin)))
  return { roots: rebuilt(graph, chosen), fired: paying.size }
}

/** All packs of a graph: the seeds, and what can be done on all lanes of what is packed already. */
const packsOf = (graph: Graph): ReadonlyArray<Pack> => {
  const packOf = new Map<Tensor, Pack>()
  const accept = (pack: Pack): boolean => {
    if (pack.members.some((member) => packOf.has(member)) || dependsOnItself(graph, pack.members, packOf)) return false
    for (const member of pack.members) packOf.set(member, pack)
    return true
  }
  const packs: Array<Pack> = []
  seedsOf(graph).forEach((members, origin) => {
    const pack = { members, origin }
    if (accept(pack)) packs.push(pack)
  })
  if (packs.length === 0) return packs
  for (const node of graph.order) {
    if (packOf.has(node)) continue
    const operands = node.inputs.map((input) => {
      const pack = packOf.get(input)
      return pack?.members[0] === input ? pack : undefined
    })
    const lead = operands.find((pack) => pack !== undefined)
    if (lead === undefined) continue
    const members = counterparts(graph, node, operands, lead)
    const pack = members === undefined ? undefined : { members, origin: lead.origin }
    if (pack === undefined || !accept(pack)) continue
    packs.push(pack)
  }
  for (const pack of packs) {
    for (const operand of operandsOf(pack, packOf)) {
      const { origin } = operand
      for (const other of packs) if (other.origin === origin) other.origin = pack.origin
    }
  }
  return packs
}

/** The packs whose lanes are the operands of a pack's lanes, one for one. */
const operandsOf = ({ members }: Pack, packOf: ReadonlyMap<Tensor, Pack>): ReadonlyArray<Pack> =>
  (members[0]?.inputs ?? []).flatMap((input: Tensor, i) => {
    const operand = packOf.get(input)
    return operand !== undefined && members.every(({ inputs }, t) => inputs[i] === operand.members[t]) ? [operand] : []
  })

/** What is done on the other lanes as `node` is on the first; `undefined` unless it is done on all of them. */
const counterparts = (
  graph: Graph,
  node: Tensor,
  operands: ReadonlyArray<Pack | undefined>,
  lead: Pack
): ReadonlyArray<Tensor> | undefined => {
  const count = lead.members.length
  const uniform = operands.every((pack) => pack === undefined || pack.members.length === count)
  const isLane = operands.map((pack) => pack !== undefined)
  if (!uniform || !worksOnLanes(node, isLane)) return undefined
  const parameters = JSON.stringify(node.parameters)
  const members: Array<Tensor> = [node]
  for (let t = 1; t < count; t++) {
    const wanted = node.inputs.map((input, i) => operands[i]?.members[t] ?? input)
    const known = new Set(members)
    const member = graph
      .usersOf(wanted[isLane.indexOf(true)] ?? node)
      .find(
        (user) =>
          user.op === node.op &&
          !known.has(user) &&
          user.inputs.length === wanted.length &&
          user.inputs.every((input, i) => input === wanted[i]) &&
          JSON.stringify(user.parameters) === parameters
      )
    if (member === undefined) return undefined
    members.push(member)
  }
  return members
}

/** Whether one of the members needs another, perhaps through what is packed already: then they cannot be made at once. */
const dependsOnItself = (
  { usersOf }: Graph,
  members: ReadonlyArray<Tensor>,
  packOf: ReadonlyMap<Tensor, Pack>
): boolean => {
  const needed = new Set(members.flatMap((member) => member.inputs.map((input) => packOf.get(input) ?? input)))
  const own = new Set<Tensor | Pack>(members)
  const seen = new Set<Tensor | Pack>()
  const pending: Array<Tensor> = members.flatMap(usersOf)
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const unit = packOf.get(node) ?? node
    if (needed.has(unit) || own.has(unit)) return true
    if (seen.has(unit)) continue
    seen.add(unit)
    for (const each of packOf.get(node)?.members ?? [node]) pending.push(...usersOf(each))
  }
  return false
}

/** The lanes that a node joins one behind the other, if it does so with all of a pack, in order. */
const joinedBy = (node: Tensor, packOf: ReadonlyMap<Tensor, Pack>): Pack | undefined => {
  const [first] = node.inputs
  const pack = node.op === "concatenate" && first !== undefined ? packOf.get(first) : undefined
  return pack !== undefined &&
    pack.members.length === node.inputs.length &&
    pack.members.every((member, t) => member === node.inputs[t])
    ? pack
    : undefined
}

/** By sample, where lanes end up beside each other within a sample: no number has to be moved for that then. */
const layoutOf = (graph: Graph, origin: number, packOf: ReadonlyMap<Tensor, Pack>): Layout =>
  graph.order.some((node) => {
    if (node.op !== "concatenate" || node.parameters.axis === 0) return false
    const pack = joinedBy(node, packOf)
    return pack?.origin === origin && !packOf.has(node)
  })
    ? "by sample"
    : "by step"

/** Whether the packs of one origin take less time than their members by themselves, with stacking and cutting apart. */
const pays = (graph: Graph, packs: ReadonlyArray<Pack>, packOf: ReadonlyMap<Tensor, Pack>, origin: number): boolean => {
  const chosen = new Map([...packOf].filter(([, pack]) => pack.origin === origin))
  const own = packs.filter((pack) => pack.origin === origin)
  const layout = layoutOf(graph, origin, chosen)
  let before = estimateAll(own.flatMap(({ members }) => members))
  let after = 0
  for (const { members } of own) {
    const [first] = members
    if (first === undefined) continue
    const count = members.length
    const inputs = first.inputs.map((input, i) =>
      chosen.has(input) || input !== members[1]?.inputs[i]
        ? stackLanes(
            members.map((member) => member.inputs[i] ?? member),
            layout
          )
        : input
    )
    after += estimate(onLanes(first, inputs, count))
    // Stacking what is not made stacked, and cutting apart what is needed by itself.
    first.inputs.forEach((input, i) => {
      const stack = inputs[i]
      if (stack === undefined || stack === input || chosen.has(input)) return
      after += estimateAll(chain(stack, members))
      // Parts of one tensor need not be cut from it any more.
      const lanes = members.map((member) => member.inputs[i] ?? member)
      if (layout === "by step" && partsOfOne(lanes) !== undefined)
        before += estimateAll(lanes.flatMap((lane) => (lane.op === "reshape" ? [lane, lane.inputs[0]] : [lane])))
    })
    const needed = members.filter(
      (member) =>
        graph.roots.includes(member) ||
        graph.usersOf(member).some((user) => !chosen.has(user) && joinedBy(user, chosen) === undefined)
    )
    after += estimateAll(needed.map((member) => laneOf(onLanes(first, inputs, count), 0, member.shape, count, layout)))
  }
  return after < before
}

/** What stacking adds to the operands: a join and a change of shape, where they are there. */
const chain = (stack: Tensor, members: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
  const operands = new Set(members.flatMap<Tensor>(({ inputs }) => [...inputs]))
  return inputsFirst([stack], (node) => (operands.has(node) ? [] : node.inputs)).filter((node) => !operands.has(node))
}

/** The graph with its packs made at once. */
const rebuilt = (graph: Graph, packOf: ReadonlyMap<Tensor, Pack>): ReadonlyArray<Tensor> => {
  const layouts = new Map<number, Layout>()
  const layoutFor = ({ origin }: Pack): Layout => {
    const known = layouts.get(origin) ?? layoutOf(graph, origin, packOf)
    layouts.set(origin, known)
    return known
  }
  const made = new Map<Tensor, Tensor>()
  const stacks = new Map<Pack, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  const inputsOf = (node: Tensor): ReadonlyArray<Tensor> =>
    packOf.get(node)?.members.flatMap<Tensor>(({ inputs }) => [...inputs]) ?? node.inputs
  const stackOf = (pack: Pack, first: Tensor): Tensor => {
    const layout = layoutFor(pack)
    const inputs = first.inputs.map((input, i) => {
      const lanes = pack.members.map((member) => member.inputs[i] ?? input)
      if (lanes.every((lane) => lane === input)) return now(input)
      const operand = packOf.get(input)
      const asIs = operand !== undefined && lanes.every((lane, t) => lane === operand.members[t])
      return asIs && layoutFor(operand) === layout
        ? (stacks.get(operand) ?? now(input))
        : stackLanes(lanes.map(now), layout)
    })
    return onLanes(first, inputs, pack.members.length)
  }
  for (const node of inputsFirst(graph.roots, inputsOf)) {
    const pack = packOf.get(node)
    if (pack === undefined) {
      const joined = joinedBy(node, packOf)
      const stack = joined === undefined ? undefined : stacks.get(joined)
      const shape = node.inputs[0]?.shape ?? []
      made.set(
        node,
        joined !== undefined && stack !== undefined && node.op === "concatenate"
          ? joinLanesAlong(stack, node.parameters.axis, shape, joined.members.length, layoutFor(joined))
          : withInputs(node, node.inputs.map(now))
      )
    } else if (!made.has(node)) {
      const [first = node] = pack.members
      const stack = stackOf(pack, first)
      stacks.set(pack, stack)
      pack.members.forEach((member, t) => {
        made.set(member, laneOf(stack, t, member.shape, pack.members.length, layoutFor(pack)))
      })
    }
  }
  return graph.roots.map(now)
}
