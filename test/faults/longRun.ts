import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { pause, start, updatesIn, withSmallRun } from "./smallRun.ts"

const updatesPerEpoch = 6
const checkpointEpochs = 250
const everyEpochs = 1000
const mostLogBytes = 2 * 2 ** 20 + 1000

/** Memory may wander by so much: a collector decides when to collect. */
const mostGrowth = 32 * 2 ** 20

interface Sample {
  readonly bytes: number
  readonly files: number
  readonly logBytes: number
}

const sampleOf = (pid: number, log: string): ReadonlyArray<Sample> => {
  try {
    const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0)
    return [{ bytes: 1024 * kibibytes, files: readdirSync(`/proc/${pid}/fd`).length, logBytes: statSync(log).size }]
  } catch {
    // Before its start or after its end.
    return []
  }
}

const medianOf = (samples: ReadonlyArray<Sample>, of: (sample: Sample) => number): number =>
  samples.map(of).sort((left, right) => left - right)[samples.length >> 1] ?? 0

/** A long training of the small model, every update logged: memory, open files, the log and the checkpoints. */
export const longRun: FaultPart = {
  name: "long run",
  run: async ({ size }) => {
    const what = "updates of one process"
    if (process.platform !== "linux")
      return [{ what, tried: 0, losses: 0, note: "skipped: measured by /proc, on Linux" }]
    const updates = size === "full" ? 50_000 : 2_000
    const settings = {
      training: { updates },
      reporting: {
        logEveryUpdates: 1,
        checkpointEveryEpochs: checkpointEpochs,
        picturesEveryEpochs: 100_000,
        keepCheckpoints: { last: 2, everyEpochs, best: { metric: "generatorLoss", goal: "lowest" } }
      }
    }
    const count = await withSmallRun(settings, async (small): Promise<FaultCount> => {
      const run = start(small.train())
      const samples: Array<Sample> = []
      let over = false
      const ended = run.ended.finally(() => {
        over = true
      })
      while (!over) {
        samples.push(...sampleOf(run.pid, join(small.run, "log.jsonl")))
        await pause(250)
      }
      const { code, stderr } = await ended
      const problems: Array<string> = []
      if (code !== 0) problems.push(`ended with ${code}: ${stderr}`)
      const quarter = samples.length >> 2
      const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)]
      const growth = medianOf(late, ({ bytes }) => bytes) - medianOf(early, ({ bytes }) => bytes)
      const [filesEarly, filesLate] = [medianOf(early, ({ files }) => files), medianOf(late, ({ files }) => files)]
      const log = Math.max(...samples.map(({ logBytes }) => logBytes))
      const kept = updatesIn(small.checkpoints)
      const every = everyEpochs * updatesPerEpoch
      const few = kept.filter((update) => update % every !== 0).length
      if (growth > mostGrowth) problems.push(`memory grew by ${growth} bytes`)
      if (filesLate > filesEarly) problems.push(`open files grew from ${filesEarly} to ${filesLate}`)
      if (log > mostLogBytes) problems.push(`the log grew to ${log} bytes`)
      // The last two and the best; the rest are of every so many epochs.
      if (few > 3 || kept.length - few !== Math.floor(updates / every)) problems.push(`kept: ${kept.join(", ")}`)
      const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
      const note =
        problems[0] ??
        `memory ${mebibytes(medianOf(late, ({ bytes }) => bytes))} MiB, ${mebibytes(growth)} more than in the second quarter; ${filesLate} open files throughout; log at most ${mebibytes(log)} MiB; ${kept.length} checkpoints kept`
      return { what, tried: updates, losses: problems.length, note }
    })
    return [count]
  }
}
