import { type Part, parts } from "../tensor/origin.ts"
import type { ExplainedPrimitive } from "./explain.ts"

/** What is spent in a call and in all that it calls: a flame graph's box and those above it. */
export interface CallTree {
  readonly name: string
  /** In whatever is weighed; the sum of the children's. */
  readonly weight: number
  /** The heaviest first. */
  readonly children: ReadonlyArray<CallTree>
}

/** A tree under construction, owned by `callTree`. */
interface Branch {
  weight: number
  readonly children: Map<string, Branch>
}

/**
 * Where the weight of a program's primitives comes from: its parts, within them the calls from the program's step inwards, and at the
 * ends the kinds of primitive. Calls of functions without names are passed over; what weighs nothing is left out.
 */
export const callTree = (
  name: string,
  program: ReadonlyArray<ExplainedPrimitive>,
  weightOf: (primitive: ExplainedPrimitive) => number
): CallTree => {
  const root: Branch = { weight: 0, children: new Map() }
  for (const primitive of program) {
    const weight = weightOf(primitive)
    if (weight <= 0) continue
    let branch = root
    branch.weight += weight
    for (const step of [primitive.part, ...namesOf(primitive), primitive.primitive]) {
      const next: Branch = branch.children.get(step) ?? { weight: 0, children: new Map() }
      branch.children.set(step, next)
      next.weight += weight
      branch = next
    }
  }
  return finished(name, root)
}

const namesOf = ({ calls }: ExplainedPrimitive): ReadonlyArray<string> =>
  calls.flatMap(({ name }) => (name === undefined ? [] : [name]))

const finished = (name: string, { weight, children }: Branch): CallTree => ({
  name,
  weight,
  children: [...children].map(([child, branch]) => finished(child, branch)).toSorted(byPartOrWeight)
})

/** Parts keep their order, which is that of time. */
const byPartOrWeight = (a: CallTree, b: CallTree): number => {
  const [first, second] = [parts.indexOf(a.name as Part), parts.indexOf(b.name as Part)]
  return first >= 0 && second >= 0 ? first - second : b.weight - a.weight
}
