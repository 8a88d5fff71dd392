import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { type EngineName, engineNames } from "../../../src/layers/backend/selection/engineNames.ts"
import { probeEngine } from "../../../src/layers/backend/selection/probeEngine.ts"
import { lineChart } from "../../../src/layers/chart/lineChart.ts"
import type { MemoryMessage } from "../memory/process.ts"
import type { BenchResult } from "../result.ts"

/** Updates of the small model on each engine, unless its time is up before. */
const updates = 10_000

type EngineMemory = NonNullable<BenchResult["memory"]>[number]

/**
 * Trains a small model for 10,000 updates on every engine of `engines` that is here, each for `limit` seconds at most and in a process of
 * its own, and notes how much memory is resident on the way. Two run at a time: nothing here is a time.
 */
export const measureMemory = (limit: number, engines: ReadonlyArray<EngineName> = engineNames) =>
  Effect.forEach(
    engines,
    (engine) =>
      Effect.gen(function* () {
        const { status } = yield* probeEngine(engine, { timed: false, limitSeconds: 60 })
        return status === "present" ? [yield* measureEngine(engine, limit)] : []
      }),
    { concurrency: 2 }
  ).pipe(Effect.map((found) => found.flat()))

const measureEngine = (engine: EngineName, limit: number): Effect.Effect<EngineMemory, Error> =>
  Effect.callback((resume) => {
    const file = fileURLToPath(new URL("../memory/process.ts", import.meta.url))
    const child = fork(file, [engine, String(updates), String(limit)], { stdio: ["ignore", "ignore", "pipe", "ipc"] })
    const samples: Array<EngineMemory["samples"][number]> = []
    let planned: EngineMemory["planned"]
    let complaints = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-2000)
    })
    child.on("message", (message) => {
      // Only `process.ts` is at the other end of the channel.
      const told = message as MemoryMessage
      if (told.kind === "planned") planned = told.planned
      else samples.push({ update: told.update, rssMiB: mebi(told.rss), ...tensorsOf(told) })
    })
    child.on("close", (code) =>
      resume(
        code === 0
          ? Effect.succeed({ engine, samples, ...(planned === undefined ? {} : { planned }) })
          : Effect.fail(new Error(`the process of ${engine} ended with code ${code}: ${complaints}`))
      )
    )
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const tensorsOf = ({ tensors }: Extract<MemoryMessage, { readonly kind: "sample" }>) =>
  tensors === undefined ? {} : { tensors }

const mebi = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10

/** Resident memory by update as an SVG document, engines of TensorFlow.js in a panel of their own. */
export const memoryPlot = (memory: NonNullable<BenchResult["memory"]>): string => {
  const lines = (ofTfjs: boolean) =>
    memory
      .filter(({ engine }) => engine.startsWith("tfjs") === ofTfjs)
      .map(({ engine, samples }) => ({
        label: engine,
        points: samples.map(({ update, rssMiB }) => [update, rssMiB] as const)
      }))
  const panels = [
    { title: "ONNX Runtime and Reference", axis: "resident memory (MiB)", lines: lines(false) },
    { title: "TensorFlow.js", axis: "resident memory (MiB)", lines: lines(true) }
  ].filter(({ lines }) => lines.length > 0)
  return lineChart(
    panels.map((panel) => ({ ...panel, range: [0, ceiling(panel.lines)] as const })),
    { width: 900, panelHeight: 320, lastEpoch: updates, across: "update", prefix: "memory" }
  )
}

const ceiling = (lines: ReadonlyArray<{ readonly points: ReadonlyArray<readonly [number, number]> }>): number =>
  100 * Math.ceil(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value))) / 100 + 0.1)
