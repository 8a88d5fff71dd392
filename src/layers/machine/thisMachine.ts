import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import * as Effect from "effect/Effect"

/** Where something was computed. */
export interface Machine {
  readonly processor: string
  /** Processors that this process may use. */
  readonly cores: number
  readonly memoryGiB: number
}

/** The machine that this process runs on. */
export const thisMachine: Effect.Effect<Machine> = Effect.sync(() => ({
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10
}))

/**
 * Bytes of memory that this process can have: what is free or can be made so, but no more than its control group may have. Of systems
 * other than Linux, which count as free only what nothing caches, all there are.
 */
export const freeBytes: Effect.Effect<number> = Effect.sync(() => {
  const allowed = process.constrainedMemory()
  const free = process.platform === "linux" ? freemem() : totalmem()
  return allowed > 0 ? Math.min(free, allowed) : free
})

/** Bytes of memory that this process has taken from the system. */
export const residentBytes: Effect.Effect<number> = Effect.sync(() => process.memoryUsage.rss())
