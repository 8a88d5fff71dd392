import { Worker } from "node:worker_threads"
import { bombCount } from "./bombs.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import type { FuzzOrder, FuzzProgress } from "./fuzzWorker.ts"

/** JavaScript objects that all parsers together may hold at once; a worker that wants more is killed, which is a loss. */
const heapMegabytes = 512
/** All memory of the process above what it had before, of which half is sharp's own and the garbage collector's slack. */
const growthMegabytes = 1024
/** Silence for so long is a hang: no parser is given an input that takes a hundredth of it. */
const hangMillis = 60_000

/** Fuzzes every parser in a worker with a bounded heap. Whatever it dies of counts as one loss of the parser at work. */
const fuzz = (order: FuzzOrder): Promise<ReadonlyArray<FaultCount>> =>
  new Promise((resolve) => {
    const before = process.memoryUsage.rss() / 1e6
    const latest = new Map<string, FuzzProgress>()
    const worker = new Worker(new URL("./fuzzWorker.ts", import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes }
    })
    let died: string | undefined
    const kill = (reason: string) => {
      died = reason
      void worker.terminate()
    }
    let watchdog = setTimeout(() => kill("hung"), hangMillis)
    worker.on("message", (progress: FuzzProgress) => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => kill(`hung after ${progress.parser}`), hangMillis)
      latest.set(progress.parser, progress)
    })
    worker.on("error", (error) => {
      died = String(error)
    })
    worker.on("exit", () => {
      clearTimeout(watchdog)
      const counts = [...latest.values()].map((progress): FaultCount => {
        const { parser, tried, read, faults, example, slowestMillis, peakMegabytes } = progress
        const grew = peakMegabytes - before
        // Nothing read at all would mean that the parser behind the first check was never reached.
        const note = [
          `${read} read`,
          `slowest ${slowestMillis.toFixed(0)} ms`,
          `memory grew by ${Math.max(grew, 0).toFixed(0)} MB at most`,
          ...(example === undefined ? [] : [example])
        ].join(", ")
        return {
          what: `fuzzing: ${parser}`,
          tried,
          losses: faults + (grew > growthMegabytes ? 1 : 0) + (read === 0 ? 1 : 0),
          note
        }
      })
      resolve(
        died === undefined ? counts : [...counts, { what: "fuzzing: the worker", tried: 1, losses: 1, note: died }]
      )
    })
  })

/** Mutated and made-up files for every parser, and bombs: each must be read or refused, in time and within its memory. */
export const hostileFiles: FaultPart = {
  name: "hostile files",
  run: async ({ size, seed }) => [await bombCount(size), ...(await fuzz({ seed, share: size === "full" ? 1 : 400 }))]
}
