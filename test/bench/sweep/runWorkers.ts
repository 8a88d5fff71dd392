import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

/** What a worker of the benchmark says at its end. */
export interface QueueWorkerReport {
  readonly points: number
  /** From the first claim on, without the start of the process. */
  readonly seconds: number
  readonly queueMillis: number
  readonly queueCpuMillis: number
  readonly workMillis: number
  readonly workCpuMillis: number
  /** Resident memory after each point, in MiB. */
  readonly resident: ReadonlyArray<number>
}

const file = fileURLToPath(new URL("queueWorker.ts", import.meta.url))

/** Lets so many processes train all points of a store. */
export const runWorkers = (
  address: string,
  workers: number,
  { batch, shards = 1 }: { readonly batch: number; readonly shards?: number }
): Promise<ReadonlyArray<QueueWorkerReport>> =>
  Promise.all(
    Array.from({ length: workers }, async (): Promise<QueueWorkerReport> => {
      const child = spawn(process.execPath, [file, address, `${shards}`, `${batch}`], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")])
      if (code !== 0) throw new Error(`a worker ended with ${code}`)
      return JSON.parse(output)
    })
  )
