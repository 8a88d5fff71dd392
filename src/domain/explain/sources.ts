import type { Call } from "../tensor/origin.ts"
import type { ExplainedPrimitive, PrimitivesCost } from "./explain.ts"

/** How the library's own files are named in an explanation. */
const library = "fovea/"

/** Of the library's files, those that models are built of: a line in one of them says little of a model. */
const blocks = /^fovea\/(nn|optim|program|random)\//

/**
 * The line to show of those that wrote a primitive: the innermost of a user's own code, or else of a bundled model's; `undefined` if none
 * is known.
 */
export const sourceOf = (calls: ReadonlyArray<Call>): Call | undefined =>
  calls.findLast(({ file }) => !file.startsWith(library)) ??
  calls.findLast(({ file }) => !blocks.test(file)) ??
  calls.at(-1)

/** A line as `fovea/attention/window.ts:57`; of what is made of parameters or random numbers alone, what is said instead. */
export const lineText = (call: Call | undefined): string =>
  call === undefined ? "given numbers" : `${call.file}:${call.line}`

/** What the primitives of one line cost. */
export interface SourceCost extends PrimitivesCost {
  /** As `lineText`. */
  readonly line: string
  /** The function that the line is in, where it has a name. */
  readonly name: string | undefined
}

/** What each line costs by all the primitives that it wrote, derivatives included, those of most arithmetic first. */
export const sourceCosts = (program: ReadonlyArray<ExplainedPrimitive>): ReadonlyArray<SourceCost> => {
  const costs = new Map<string, SourceCost>()
  for (const { calls, flop, bytes } of program) {
    const source = sourceOf(calls)
    const line = lineText(source)
    const known = costs.get(line) ?? { line, name: source?.name, primitives: 0, flop: 0, bytes: 0 }
    costs.set(line, {
      ...known,
      primitives: known.primitives + 1,
      flop: known.flop + flop,
      bytes: known.bytes + bytes
    })
  }
  return [...costs.values()].toSorted((a, b) => b.flop - a.flop || b.bytes - a.bytes)
}
