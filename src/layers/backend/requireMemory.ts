import * as Effect from "effect/Effect"
import { rewrittenGraph } from "../../domain/explain/explain.ts"
import { lineText, sourceOf } from "../../domain/explain/sources.ts"
import { planMemory, totalBytes } from "../../domain/tensor/memory.ts"
import { inputsFirst } from "../../domain/tensor/order.ts"
import type { Program } from "../../domain/tensor/Program.ts"
import { signatureOf } from "../../domain/tensor/print.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { formatNumber } from "../../domain/text/numbers.ts"
import { freeBytes } from "../machine/thisMachine.ts"
import { BackendError } from "./TensorBackend.ts"
import { programRoots } from "./validation.ts"

/**
 * What a backend that computes in this machine's memory checks before it compiles: that a step finds room there. Fails with a `BackendError`
 * that says how much it would need and which primitive, of which line, needs most, if the plan (`planMemory`) of all shards comes to more
 * than what is free; the plan is a lower bound of what engines take, so nothing is refused that could have run. A program for any
 * batch is taken as it is.
 */
export const requireMemory = Effect.fnUntraced(function* (
  context: { readonly backend: string; readonly program: string },
  program: Program,
  available: Effect.Effect<number> = freeBytes
): Effect.fn.Return<void, BackendError> {
  if (program.forAnyBatch === true) return
  const free = yield* available
  const shards = program.shards?.count ?? 1
  // All results together: most programs are far below, and need no plan.
  if (shards * mostBytes(program) <= free) return
  const needed = totalBytes(planMemory(program), shards)
  if (needed <= free) return
  const plan = planMemory(program.written === undefined ? program : rewrittenGraph(program.written()).graph)
  const [largest] = plan.held
  const state = `${gibibytes(plan.state + plan.next)} GiB of it for the state`
  const results =
    largest === undefined
      ? ""
      : ` and ${gibibytes(shards * plan.peak)} for results, the largest of ${gibibytes(4 * sizeOf(largest.shape))} GiB${lineOf(largest.origin?.calls ?? [])}`
  return yield* new BackendError({
    ...context,
    during: "compile",
    ...(largest === undefined ? {} : { primitive: signatureOf(largest) }),
    problem: `a step needs at least ${gibibytes(needed)} GiB of memory at a time, and ${gibibytes(free)} GiB can be had: ${state}${results}. Take fewer examples in a batch, or a smaller model`
  })
})

/** More than any plan of it comes to: all that is given, twice the state, and every result. */
const mostBytes = (program: Program): number => {
  const given = [...Object.values(program.state), ...Object.values(program.state), ...Object.values(program.inputs)]
  return [...given, ...inputsFirst(programRoots(program))].reduce((total, { shape }) => total + 4 * sizeOf(shape), 0)
}

const lineOf = (calls: Parameters<typeof sourceOf>[0]): string =>
  calls.length === 0 ? "" : ` (${lineText(sourceOf(calls))})`

const gibibytes = (bytes: number): string => formatNumber(bytes / 2 ** 30)
