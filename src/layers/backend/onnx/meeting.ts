/** Where the threads of one executable meet, in the first bytes of the memory that they share. */
export interface Meeting {
  /** Blocks until all shards have come here; false if the step has been abandoned before. What they wrote before it, all see after it. */
  readonly meet: () => boolean
}

// Cells of the control block: shards that have come to the meeting, meetings held, whether the step is abandoned, and a
// counter that changes whenever somebody who waits should look again.
const [arrived, held, abandoned, wake] = [0, 1, 2, 3] as const

/** Bytes at the beginning of shared memory that meetings need. */
export const meetingBytes = 64

const controlOf = (memory: ArrayBufferLike): Int32Array =>
  new Int32Array(memory, 0, meetingBytes / Int32Array.BYTES_PER_ELEMENT)

/** The meetings of `count` shards in their memory, for one of them. */
export const joinMeeting = (memory: ArrayBufferLike, count: number): Meeting => {
  const control = controlOf(memory)
  return {
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
export const abandonStep = (memory: ArrayBufferLike): void => {
  const control = controlOf(memory)
  Atomics.store(control, abandoned, 1)
  awaken(control)
}

/** After an abandoned step, when no shard is in it any more: the next one begins as the first did. */
export const clearMeeting = (memory: ArrayBufferLike): void => {
  const control = controlOf(memory)
  Atomics.store(control, arrived, 0)
  Atomics.store(control, abandoned, 0)
}

const awaken = (control: Int32Array): void => {
  Atomics.add(control, wake, 1)
  Atomics.notify(control, wake)
}
