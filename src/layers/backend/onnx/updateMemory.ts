import { own } from "../../../domain/record/own.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import { sizeOf } from "../../../domain/tensor/Shape.ts"
import { kernelMemory, startKernel } from "./kernelMemory.ts"
import { bytesOf, type UpdatePlan } from "./updateKernel.ts"

/** Where updates find their operands and leave their results: one WebAssembly memory with a place for each value. */
export interface UpdateMemory {
  /** A value's numbers, in place; `undefined` if no update reads or makes it. */
  readonly numbers: (name: string) => Float32Array<ArrayBuffer> | undefined
  /** Makes an update's results of its operands. */
  readonly run: (update: UpdatePlan, singles: ReadonlyArray<number>) => void
  /**
   * After a step: what the updates have made as next state is the state, and its old place is where the next step's goes.
   * Before it, the old state is untouched, so that a step that fails has changed nothing. Updates in place are done with already.
   */
  readonly turn: () => void
}

/**
 * Lays out the values of updates. `stateNames` are the names of the state's values, by path. What updates `inPlace` make as next state
 * comes where the state was that it is made of, number by number: half the memory, and less of it to be fetched and written.
 */
export const openUpdateMemory = (
  apart: ReadonlyArray<UpdatePlan>,
  stateNames: Readonly<Record<string, string>>,
  inPlace: ReadonlyArray<UpdatePlan> = []
): UpdateMemory => {
  const updates = [...apart, ...inPlace]
  const pairsOf = (made: ReadonlyArray<UpdatePlan>) =>
    made.flatMap(({ next }) =>
      Object.entries(next).map(([path, result]) => [own(stateNames, path) ?? path, result] as const)
    )
  const replaced = new Map(pairsOf(inPlace).map(([state, result]) => [result, state]))
  const shapes = new Map<string, Shape>()
  for (const { shape, tensors, results } of updates)
    for (const name of [...tensors, ...results]) if (!replaced.has(name)) shapes.set(name, shape)
  let bytes = 0
  const addresses = new Map(
    [...shapes].map(([name, shape]) => {
      const address = bytes
      bytes += bytesOf(shape)
      return [name, address]
    })
  )
  for (const [result, state] of replaced) addresses.set(result, addresses.get(state) ?? 0)
  const memory = kernelMemory(bytes)
  const views = new Map(
    [...shapes].map(([name, shape]) => [
      addresses.get(name) ?? 0,
      new Float32Array(memory.buffer, addresses.get(name) ?? 0, sizeOf(shape))
    ])
  )
  const kernels = new Map(updates.map((update) => [update, startKernel(update.kernel, memory)]))
  const pairs = pairsOf(apart)
  const addressOf = (name: string): number => addresses.get(name) ?? 0
  return {
    numbers: (name) => (addresses.has(name) ? views.get(addressOf(name)) : undefined),
    run: (update, singles) =>
      kernels.get(update)?.(
        bytesOf(update.shape),
        ...update.tensors.map(addressOf),
        ...update.results.map(addressOf),
        ...singles
      ),
    turn: () => {
      for (const [state, result] of pairs) {
        const [old, made] = [addressOf(state), addressOf(result)]
        addresses.set(state, made)
        addresses.set(result, old)
      }
    }
  }
}
