import { availableParallelism, cpus, loadavg, totalmem } from "node:os"

/** Where and when measurements were made. */
export interface Machine {
  readonly processor: string
  /** Processors that this process may use. */
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  /** Runnable processes over the last 1, 5 and 15 minutes, before measuring: above 0 something else was running. */
  readonly loadAverage: ReadonlyArray<number>
}

export const describeMachine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  loadAverage: loadavg().map((load) => Math.round(load * 100) / 100)
})
