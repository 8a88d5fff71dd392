/** How long some calls of one kernel took in a step. */
export interface KernelTime {
  /** The primitive that it computes, as `signatureOf`; undefined where an engine joined several or added one of its own. */
  readonly signature: string | undefined
  /** What the engine calls it. */
  readonly operator: string
  /** In a step. */
  readonly calls: number
  /** Of them all, in a step. */
  readonly milliseconds: number
}

/** How long the kernels of a step took. */
export interface Profile {
  /** What was measured how, in a sentence. */
  readonly how: string
  readonly kernels: ReadonlyArray<KernelTime>
}

/** One kernel's calls at one place of a program, in all steps that were measured. */
export interface KernelRecord {
  readonly signature: string | undefined
  readonly operator: string
  /** Milliseconds, one of each step. */
  readonly times: ReadonlyArray<number>
}

/** Kernels of one signature and operator as one, each by its median step, those that took longest first. */
export const kernelTimes = (records: Iterable<KernelRecord>): ReadonlyArray<KernelTime> => {
  const kernels = new Map<string, KernelTime>()
  for (const { signature, operator, times } of records) {
    const key = JSON.stringify([signature, operator])
    const { calls, milliseconds } = kernels.get(key) ?? { calls: 0, milliseconds: 0 }
    kernels.set(key, { signature, operator, calls: calls + 1, milliseconds: milliseconds + median(times) })
  }
  return [...kernels.values()].toSorted((a, b) => b.milliseconds - a.milliseconds)
}

/** Steps before those that are counted: they fill caches. */
export const warmUp = 2

/** Whether to go on: a step that counts has been measured, and the next one may be left out where steps are slow. */
export const isEnough = (steps: number, milliseconds: number): boolean => steps > warmUp && milliseconds > 5000

/** The middle of some numbers; 0 of none. */
export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted[middle] ?? 0
}
