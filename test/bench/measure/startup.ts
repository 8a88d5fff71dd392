import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { interleave, summarise } from "../harness.ts"
import type { BenchResult } from "../result.ts"
import type { StartupMessage } from "../startup/process.ts"
import type { Effort } from "./update.ts"

/**
 * What comes before and after training, each in a process of its own: loading MNIST, the first update, 10,000 images, the
 * largest program. The first update is timed from the start of its process to the losses; the files that it reads may be in the system's memory already.
 */
export const measureStartup = ({ rounds }: Effort) =>
  Effect.gen(function* () {
    const cpu: Record<Task, Array<number>> = { load: [], firstUpdate: [], samples: [], largest: [] }
    const turn = (task: Task) =>
      Effect.map(run(task), ({ ms, cpuMs, whole }) => {
        cpu[task].push(cpuMs)
        return [task === "firstUpdate" ? whole : ms]
      })
    const times = yield* interleave(rounds, {
      load: turn("load"),
      firstUpdate: turn("firstUpdate"),
      samples: turn("samples"),
      largest: turn("largest")
    })
    const result: NonNullable<BenchResult["startup"]> = mapRecord(times, (turns, task) => ({
      summary: summarise(turns.flat()),
      cpu: summarise(cpu[task])
    }))
    return result
  })

type Task = "load" | "firstUpdate" | "samples" | "largest"

/** What a task's process tells, and the milliseconds from its start until it has told. */
const run = (task: Task): Effect.Effect<StartupMessage & { readonly whole: number }, Error> =>
  Effect.callback((resume) => {
    const begun = performance.now()
    const file = fileURLToPath(new URL("../startup/process.ts", import.meta.url))
    const child = fork(file, [task], { stdio: ["ignore", "ignore", "pipe", "ipc"] })
    let told: (StartupMessage & { readonly whole: number }) | undefined
    let complaints = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-2000)
    })
    child.on("message", (message) => {
      // Only `process.ts` is at the other end of the channel.
      told = { ...(message as StartupMessage), whole: performance.now() - begun }
    })
    child.on("close", (code) =>
      resume(
        code === 0 && told !== undefined
          ? Effect.succeed(told)
          : Effect.fail(new Error(`the process of ${task} ended with code ${code}: ${complaints}`))
      )
    )
    return Effect.sync(() => void child.kill("SIGKILL"))
  })
