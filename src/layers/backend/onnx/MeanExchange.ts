/**
 * Memory that the shards of one executable share. Each publishes numbers in its own slot, they meet, and then each reads
 * all slots, in the order of the shards, and computes what it needs of them for itself, so that all have the same to the bit.
 */
export interface MeanExchange {
  /** Puts numbers where the others find them, from index `offset` of this shard's slot on. */
  readonly publish: (offset: number, values: Float32Array) => void
  /** Copies what a shard published from `offset` on. */
  readonly read: (shard: number, offset: number, into: Float32Array) => void
  /** Blocks until all shards have come here; false if the step has been abandoned before. */
  readonly meet: () => boolean
}

// Cells of the control block: shards that have come to the meeting, meetings held, whether the step is abandoned, and a
// counter that changes whenever somebody who waits should look again.
const [arrived, held, abandoned, wake] = [0, 1, 2, 3] as const
const controlBytes = 64

/** Memory for an exchange of `numbers` numbers among `count` shards. */
export const exchangeMemory = (count: number, numbers: number): SharedArrayBuffer =>
  new SharedArrayBuffer(controlBytes + count * numbers * Float32Array.BYTES_PER_ELEMENT)

/** A shard's view of the memory made by `exchangeMemory`. */
export const joinExchange = (memory: SharedArrayBuffer, index: number, count: number): MeanExchange => {
  const control = new Int32Array(memory, 0, controlBytes / Int32Array.BYTES_PER_ELEMENT)
  const numbers = (memory.byteLength - controlBytes) / Float32Array.BYTES_PER_ELEMENT / count
  const slots = Array.from(
    { length: count },
    (_, k) => new Float32Array(memory, controlBytes + k * numbers * Float32Array.BYTES_PER_ELEMENT, numbers)
  )
  return {
    publish: (offset, values) => slots[index]?.set(values, offset),
    read: (shard, offset, into) => {
      const slot = slots[shard]
      if (slot === undefined) throw new RangeError(`internal: there is no shard ${shard}`)
      into.set(slot.subarray(offset, offset + into.length))
    },
    meet: () => {
      const before = Atomics.load(control, held)
      if (Atomics.add(control, arrived, 1) === count - 1) {
        if (Atomics.load(control, abandoned) === 1) return false
        Atomics.store(control, arrived, 0)
        Atomics.add(control, held, 1)
        awaken(control)
        return true
      }
      for (;;) {
        // Read first: a change after this makes the wait return at once.
        const signal = Atomics.load(control, wake)
        if (Atomics.load(control, held) !== before) return true
        if (Atomics.load(control, abandoned) === 1) return false
        Atomics.wait(control, wake, signal)
      }
    }
  }
}

/** Lets every shard that waits, or comes to wait, go: the step cannot be finished. */
export const abandonStep = (memory: SharedArrayBuffer): void => {
  const control = new Int32Array(memory, 0, controlBytes / Int32Array.BYTES_PER_ELEMENT)
  Atomics.store(control, abandoned, 1)
  awaken(control)
}

/** After an abandoned step, when no shard is in it any more: the next one begins as the first did. */
export const clearExchange = (memory: SharedArrayBuffer): void => {
  const control = new Int32Array(memory, 0, controlBytes / Int32Array.BYTES_PER_ELEMENT)
  Atomics.store(control, arrived, 0)
  Atomics.store(control, abandoned, 0)
}

const awaken = (control: Int32Array): void => {
  Atomics.add(control, wake, 1)
  Atomics.notify(control, wake)
}
