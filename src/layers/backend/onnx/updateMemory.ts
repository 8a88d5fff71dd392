import { own } from "../../../domain/record/own.ts"
import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Shard } from "../../../domain/tensor/Sharding.ts"
import { type KernelMemory, kernelMemory, startKernel } from "./kernelMemory.ts"
import { bytesOf, type UpdatePlan } from "./updateKernel.ts"

/** Where updates find their operands and leave their results: one WebAssembly memory with a place for each value. */
export interface UpdateMemory {
  /** A value's numbers, in place; `undefined` if it has none. */
  readonly numbers: (name: string) => Float32Array | undefined
  /** Puts what an update reads of a value into its place, unless it lies there. */
  readonly put: (update: UpdatePlan, name: string, numbers: Float32Array) => void
  /** Makes an update's results of its operands: among several shards this one's part of them. */
  readonly run: (update: UpdatePlan, singles: ReadonlyArray<number>) => void
  /**
   * After a step: what the updates have made as next state is the state, and its old place is where the next step's goes.
   * Before it, the old state is untouched, so that a step that fails has changed nothing. Updates in place are done with already.
   */
  readonly turn: () => void
}

/** The updates of a program, and what else has a place in their memory. */
export interface UpdatesToPlace {
  /** Made beside the state that they are made of. */
  readonly beside: ReadonlyArray<UpdatePlan>
  /**
   * What these make as next state comes where the state was that it is made of, number by number: half the memory, and less of it to
   * be fetched and written.
   */
  readonly inPlace: ReadonlyArray<UpdatePlan>
  /** Names of the state's values, by path. */
  readonly state: Readonly<Record<string, string>>
  /** What lies there besides, put there by others: what shards publish, and their inputs. */
  readonly others: ReadonlyArray<{ readonly name: string; readonly shape: Shape }>
}

/** Where each value lies. All threads of an executable lay out alike. */
export interface UpdateLayout {
  readonly updates: UpdatesToPlace
  /** In bytes from the memory's beginning. */
  readonly addresses: ReadonlyMap<string, number>
  readonly shapes: ReadonlyMap<string, Shape>
  /** Of the whole memory. */
  readonly bytes: number
}

/** What a processor fetches and owns at a time: no two shards write to the same. */
const lineBytes = 64

const numberBytes = Float32Array.BYTES_PER_ELEMENT

const wholeLines = (bytes: number): number => Math.ceil(bytes / lineBytes) * lineBytes

/** Gives values their places, from an address on: each begins at a line of its own. */
export const layOut = (updates: UpdatesToPlace, from = 0): UpdateLayout => {
  const { beside, inPlace, state, others } = updates
  const replaced = new Map(nextOf(inPlace, state).map(([before, made]) => [made, before]))
  const shapes = new Map(others.map(({ name, shape }) => [name, shape]))
  for (const { shape, tensors, results } of [...beside, ...inPlace])
    for (const name of [...tensors, ...results]) shapes.set(name, shape)
  let bytes = from
  const addresses = new Map<string, number>()
  for (const [name, shape] of shapes) {
    if (replaced.has(name)) continue
    addresses.set(name, bytes)
    bytes += wholeLines(bytesOf(shape))
  }
  for (const [made, before] of replaced) addresses.set(made, addresses.get(before) ?? 0)
  return { updates, addresses, shapes, bytes }
}

/** The names of state and of what becomes it. */
const nextOf = (updates: ReadonlyArray<UpdatePlan>, state: UpdatesToPlace["state"]) =>
  updates.flatMap(({ next }) =>
    Object.entries(next).map(([path, result]) => [own(state, path) ?? path, result] as const)
  )

/** The numbers of all values in place, by their addresses. */
const viewsIn = ({ addresses, shapes }: UpdateLayout, { buffer }: KernelMemory): ReadonlyMap<number, Float32Array> =>
  new Map(
    [...addresses].map(([name, address]) => [
      address,
      new Float32Array(buffer, address, sizeOf(shapes.get(name) ?? []))
    ])
  )

/** Where the others' values lie, for the thread that puts them there. */
export const placesOfOthers = (layout: UpdateLayout, memory: KernelMemory): ReadonlyMap<string, Float32Array> => {
  const views = viewsIn(layout, memory)
  return new Map(
    layout.updates.others.flatMap(({ name }) => {
      const place = views.get(layout.addresses.get(name) ?? -1)
      return place === undefined ? [] : [[name, place]]
    })
  )
}

/**
 * The memory of updates of one thread; among several shards in `memory`, which they share, where each makes its part of every
 * update. Whoever reads more of a result than its own part must wait until all have made theirs.
 */
export const openUpdateMemory = (
  layout: UpdateLayout,
  among?: { readonly shard: Shard; readonly memory: KernelMemory }
): UpdateMemory => {
  const { beside, inPlace, state } = layout.updates
  const memory = among?.memory ?? kernelMemory(layout.bytes)
  const addresses = new Map(layout.addresses)
  const addressOf = (name: string): number => addresses.get(name) ?? 0
  const views = viewsIn(layout, memory)
  const kernels = new Map([...beside, ...inPlace].map((update) => [update, startKernel(update.kernel, memory)]))
  const pairs = nextOf(beside, state)

  /** From which byte to which an update is this shard's. */
  const partOf = ({ shape }: UpdatePlan): readonly [number, number] => {
    const bytes = bytesOf(shape)
    const { index, count } = among?.shard ?? { index: 0, count: 1 }
    const boundary = (part: number) => Math.min(bytes, wholeLines((bytes * part) / count))
    return [boundary(index), boundary(index + 1)]
  }
  const numbers = (name: string) => (addresses.has(name) ? views.get(addressOf(name)) : undefined)

  return {
    numbers,
    put: (update, name, given) => {
      const place = numbers(name)
      if (place === undefined || (place.buffer === given.buffer && place.byteOffset === given.byteOffset)) return
      const [from, to] = partOf(update)
      place.subarray(from / numberBytes, to / numberBytes).set(given.subarray(from / numberBytes, to / numberBytes))
    },
    run: (update, singles) => {
      const [from, to] = partOf(update)
      const places = [...update.tensors, ...update.results].map((name) => addressOf(name) + from)
      kernels.get(update)?.(to - from, ...places, ...singles)
    },
    turn: () => {
      for (const [before, result] of pairs) {
        const [old, made] = [addressOf(before), addressOf(result)]
        addresses.set(before, made)
        addresses.set(result, old)
      }
    }
  }
}
