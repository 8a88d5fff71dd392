import type { Shape } from "../../../domain/tensor/Shape.ts"
import { sizeOf } from "../../../domain/tensor/Shape.ts"
import { bytesOf, type UpdatePlan } from "./updateKernel.ts"

/** The part of WebAssembly's JavaScript interface that is used here. */
interface WebAssemblyInterface {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

// TypeScript declares it with the browser's library only; every engine that runs Fovea has it.
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }

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
  const pageSize = 65_536
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageSize)) })
  const views = new Map(
    [...shapes].map(([name, shape]) => [
      addresses.get(name) ?? 0,
      new Float32Array(memory.buffer, addresses.get(name) ?? 0, sizeOf(shape))
    ])
  )
  const kernels = new Map(updates.map((update) => [update, startKernel(update.kernel, memory)]))
  const pairs = updates.flatMap(({ next }) =>
    Object.entries(next).map(([path, result]) => [stateNames[path] ?? path, result] as const)
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

type Kernel = (...numbers: ReadonlyArray<number>) => void

const startKernel = (bytes: Uint8Array<ArrayBuffer>, memory: object): Kernel => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { fovea: { memory } })
  // The border to WebAssembly: `planUpdate` writes modules that export this one function.
  return exports["run"] as Kernel
}
