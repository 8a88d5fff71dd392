import * as Effect from "effect/Effect"
import { builtinModule } from "./builtinModule.ts"

const system = builtinModule("node:os")

/** Where something was computed. */
export interface Machine {
  readonly processor: string
  /** Processors that this process may use. */
  readonly cores: number
  readonly memoryGiB: number
}

/** The machine that this process runs on. */
export const thisMachine: Effect.Effect<Machine> = Effect.sync(() => ({
  processor: system?.cpus()[0]?.model.trim() ?? "unknown",
  cores: system?.availableParallelism() ?? navigator.hardwareConcurrency,
  memoryGiB: Math.round(((system?.totalmem() ?? 0) / 2 ** 30) * 10) / 10
}))

/**
 * Bytes of memory that this process can have: what is free or can be made so, but no more than its control group may have. Of systems
 * other than Linux, which count as free only what nothing caches, all there are; of a browser, which does not
 * say it, no end.
 */
export const freeBytes: Effect.Effect<number> = Effect.sync(() => {
  if (system === undefined) return Number.POSITIVE_INFINITY
  const allowed = process.constrainedMemory()
  const free = process.platform === "linux" ? system.freemem() : system.totalmem()
  return allowed > 0 ? Math.min(free, allowed) : free
})

/** Bytes of memory that this process has taken from the system. */
export const residentBytes: Effect.Effect<number> = Effect.sync(() => process.memoryUsage.rss())
