import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Worker } from "node:worker_threads"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { uniform } from "../../src/domain/random/noise.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerFolderLock } from "../../src/layers/lock/FolderLock.ts"
import { TrainingLog } from "../../src/layers/log/TrainingLog.ts"
import { runFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { runExperiment } from "../../src/programs/training/runExperiment.ts"
import { layerTinyData, tinySettings } from "../programs/training/tinyExperiment.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { runStores } from "./runStores.ts"
import { pause, type Running, start, stateOf, updatesIn, withSmallRun } from "./smallRun.ts"

const reporting = { logEveryUpdates: 5, checkpointEveryEpochs: 200, picturesEveryEpochs: 1000 }
const updatesPerEpoch = 6
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
const kinds = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * How long a process may take after the signal: two seconds after the update's end, and an update takes milliseconds. What it
 * waited for a processor meanwhile, while others had them all, does not count.
 */
const mostMillis = 2000

/** How long a process's first thread has been ready to run without a processor (Linux tells; 0 elsewhere, or after its end). */
const waitedMillis = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1] ?? 0) / 1e6
  } catch {
    return 0
  }
}

/** Sends a signal, and gives how long the process took to end, without the time that it waited for a processor. */
const millisToEnd = async (run: Running, signal: NodeJS.Signals): Promise<number> => {
  const before = waitedMillis(run.pid)
  let waited = before
  const sent = performance.now()
  run.kill(signal)
  // What is missed after the last look counts against the process.
  const looking = setInterval(() => {
    waited = Math.max(waited, waitedMillis(run.pid))
  }, 10)
  await run.ended.finally(() => clearInterval(looking))
  return performance.now() - sent - (waited - before)
}

const signals = (times: number, epochs: number, draw: () => number): Promise<FaultCount> =>
  withSmallRun({ training: { epochs }, reporting }, async (small) => {
    const end = epochs * updatesPerEpoch
    const problems: Array<string> = []
    let slowest = 0
    const whole = start(small.train("whole")).ended
    for (let i = 0; i < times; i++) {
      const signal = kinds[Math.floor(3 * draw())] ?? "SIGHUP"
      const run = start(small.train())
      await run.shown(`/${end}  epoch`)
      await pause(300 * draw())
      const millis = await millisToEnd(run, signal)
      const { code, stdout, stderr } = await run.ended
      if (code === 0) break
      slowest = Math.max(slowest, millis)
      const update = Number(/^interrupted at update (\d+)$/m.exec(stdout)?.[1])
      if (code !== codes[signal] || stderr !== "") problems.push(`${signal} ended it with ${code}: ${stderr}`)
      if (updatesIn(small.checkpoints).at(-1) !== update) problems.push(`interrupted at ${update}, which is not kept`)
    }
    if (slowest > mostMillis) problems.push(`it took ${Math.round(slowest)} ms to end`)
    const [last] = await Promise.all([start(small.train()).ended, whole])
    const same =
      last.code === 0 && stateOf(small.checkpoints, end).equals(stateOf(join(small.folder, "whole/checkpoints"), end))
    if (!same) problems.push("the end is not that of the uninterrupted run")
    const note =
      problems[0] ?? `the update in hand is kept; at most ${Math.round(slowest)} ms to the end of the process`
    return { what: "SIGINT, SIGTERM or SIGHUP at a random moment", tried: times, losses: problems.length, note }
  })

/** What a process holds open. */
const held = () => ({
  files: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
  resources: process.getActiveResourcesInfo().filter((name) => name !== "FSReqCallback").length
})

/** Runs on two worker threads, with all that a command has open, and is interrupted; what is left of it is counted. */
const leftOver = (times: number): Promise<FaultCount> =>
  withSmallRun({}, async (small) => {
    const threads: Array<Worker> = []
    let ended = 0
    const onWorker = (worker: Worker): void => {
      threads.push(worker)
      worker.on("exit", () => ended++)
    }
    process.on("worker", onWorker)
    const onceInterrupted = (name: string) => {
      const place = runFolder(join(small.folder, name))
      const stores = Layer.merge(runStores(place), layerFolderLock(place.folder))
      return Effect.gen(function* () {
        const log = yield* TrainingLog
        const stopping = TrainingLog.of({
          record: (event) =>
            Effect.andThen(
              log.record(event),
              event._tag === "Progress" && event.update === 5 ? Effect.interrupt : Effect.void
            )
        })
        return yield* runExperiment(tinySettings({ training: { shards: 2 } }), () => Effect.succeed([])).pipe(
          Effect.provideService(TrainingLog, stopping)
        )
      }).pipe(
        Effect.provide(Layer.mergeAll(stores, layerOnnxRuntime, layerTinyData), { local: true }),
        Effect.provide(NodeServices.layer, { local: true }),
        Effect.exit,
        Effect.runPromise
      )
    }
    const problems: Array<string> = []
    // What is loaded once and stays (the engine, the reader of files) is there after the first.
    await onceInterrupted("first")
    await pause(200)
    const before = held()
    for (let i = 0; i < times; i++) {
      const exit = await onceInterrupted(`run-${i}`)
      if (Exit.isSuccess(exit)) problems.push("it was not interrupted")
    }
    await pause(200)
    const after = held()
    process.off("worker", onWorker)
    if (ended !== threads.length || threads.length !== 2 * (times + 1)) {
      problems.push(`${threads.length - ended} of ${threads.length} worker threads are left`)
    }
    if (after.files > before.files) problems.push(`${after.files - before.files} more files are open`)
    if (after.resources > before.resources) problems.push(`left: ${process.getActiveResourcesInfo().join(", ")}`)
    const note = problems[0] ?? `${threads.length} worker threads ended; files, timers and ports as before`
    return {
      what: "runs interrupted in one process, and what they leave open",
      tried: times,
      losses: problems.length,
      note
    }
  })

/** Signals, and what an interrupted run leaves open. */
export const interruptions: FaultPart = {
  name: "interruptions",
  run: async ({ size, seed }) => {
    let draws = 0
    const draw = (): number => uniform({ seed, stream: "signals", step: draws++ }, 1)[0] ?? 0
    // In the short version signals are sent by `programs/cli/process.test.ts`, which looks at the log as well.
    return size === "full" ? [await signals(45, 500, draw), await leftOver(20)] : [await leftOver(1)]
  }
}
