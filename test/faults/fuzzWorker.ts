import { parentPort, workerData } from "node:worker_threads"
import { makeParsers, type Verdict } from "./parsers.ts"
import { drawsOf } from "./random.ts"

/** What the worker is asked to do. */
export interface FuzzOrder {
  readonly seed: number
  /** Divides the inputs of a full run. */
  readonly share: number
}

/** How far the worker has come with a parser; sent often, so that silence means that it hangs. */
export interface FuzzProgress {
  readonly parser: string
  readonly tried: number
  readonly read: number
  readonly faults: number
  /** The first input that was answered wrongly, and how. */
  readonly example?: string | undefined
  readonly slowestMillis: number
  /** The most memory that one look at the process found since it began, in MB. */
  readonly peakMegabytes: number
}

const reportEveryMillis = 1000

const run = async ({ seed, share }: FuzzOrder): Promise<void> => {
  for (const [index, { name, inputs, input, parse }] of (await makeParsers()).entries()) {
    const draw = drawsOf(seed * 100 + index)
    const wanted = Math.max(Math.ceil(inputs / share), 20)
    let progress: FuzzProgress = { parser: name, tried: 0, read: 0, faults: 0, slowestMillis: 0, peakMegabytes: 0 }
    let reported = performance.now()
    while (progress.tried < wanted) {
      const bytes = input(draw)
      const began = performance.now()
      let verdict: Verdict
      let thrown: unknown
      try {
        verdict = await parse(bytes)
      } catch (error) {
        verdict = "fault"
        thrown = error
      }
      const ended = performance.now()
      const wrong = verdict === "fault"
      const example = wrong ? `${thrown}: ${Buffer.from(bytes).toString("base64").slice(0, 4000)}` : undefined
      const megabytes = progress.tried % 200 === 0 ? process.memoryUsage.rss() / 1e6 : 0
      progress = {
        parser: name,
        tried: progress.tried + 1,
        read: progress.read + (verdict === "read" ? 1 : 0),
        faults: progress.faults + (wrong ? 1 : 0),
        example: progress.example ?? example,
        slowestMillis: Math.max(progress.slowestMillis, ended - began),
        peakMegabytes: Math.max(progress.peakMegabytes, megabytes)
      }
      if (ended - reported < reportEveryMillis) continue
      reported = ended
      parentPort?.postMessage(progress)
      // Otherwise synchronous parsers would keep the message back.
      await new Promise((resolve) => setImmediate(resolve))
    }
    parentPort?.postMessage(progress)
  }
}

await run(workerData)
