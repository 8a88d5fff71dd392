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
   * Before it, the old state is untouched, so that a step that fails has changed nothing.
   */
  readonly turn: () => void
}

/** Lays out the values of updates. `stateNames` are the names of the state's values, by path. */
export const openUpdateMemory = (
  updates: ReadonlyArray<UpdatePlan>,
  stateNames: Readonly<Record<string, string>>
): UpdateMemory => {
  const shapes = new Map<string, Shape>()
  for (const { shape, tensors, results } of updates)
    for (const name of [...tensors, ...results]) shapes.set(name, shape)
  let bytes = 0
  const addresses = new Map(
    [...shapes].map(([name, shape]) => {
      const address = bytes
      bytes += bytesOf(shape)
      return [name, address]
    })
  )
  const memory = kernelMemory(bytes)
  const views = new Map(
    [...shapes].map(([name, shape]) => [
      addresses.get(name) ?? 0,
      new Float32Array(memory.buffer, addresses.get(name) ?? 0, sizeOf(shape))
    ])
  )
  const kernels = new Map(updates.map((update) => [update, startKernel(update.kernel, memory)]))
  const pairs = updates.flatMap(({ next }) =>
    Object.entries(next).map(([path, result]) => [own(stateNames, path) ?? path, result] as const)
  )
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
