// A worker of the benchmark of sweeps: trains the points of a store, and prints one JSON object about what it took.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { layerDivergedStatesMemory } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { layerMilestonesMemory } from "../../../src/layers/checkpoint/Milestones.ts"
import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { layerSilent } from "../../../src/layers/log/TrainingLog.ts"
import { layerOnnxRuntime, layerStore } from "../../../src/layers/onDemand.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import type { QueueWorkerReport } from "./runWorkers.ts"

const [address = "", shards = "1", batch = "100"] = process.argv.slice(2)
const [batchSize, count] = [Number(batch), 20 * Number(batch)]

/** The paper's model; an epoch has 20 updates. */
const settingsOf = (seed: number) =>
  Result.getOrThrow(
    settingsFrom("paper", [
      {
        seed,
        dataset: { kind: "synthetic", count, height: 28, width: 28 },
        training: { epochs: 1, batchSize, shards: Number(shards) },
        reporting: { logEveryUpdates: 20, checkpointEveryEpochs: 1, picturesEveryEpochs: 1000 }
      }
    ])
  )

/** Wall and processor time of the queue's calls and of the trainings, in milliseconds. */
const spent = { queueMillis: 0, queueCpuMillis: 0, workMillis: 0, workCpuMillis: 0 }
const taking = <A, E, R>(kind: "queue" | "work", effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const [wall, cpu] = [performance.now(), process.cpuUsage()]
    return Effect.tap(effect, () =>
      Effect.sync(() => {
        const { system, user } = process.cpuUsage(cpu)
        spent[`${kind}Millis`] += performance.now() - wall
        spent[`${kind}CpuMillis`] += (user + system) / 1000
      })
    )
  })

const stores = Layer.mergeAll(layerMemory, layerMilestonesMemory, layerDivergedStatesMemory, layerSilent)

const work = Effect.gen(function* () {
  const queue = yield* TrainingQueue
  const resident: Array<number> = []
  const began = performance.now()
  for (let points = 0; ; points++) {
    const lease = yield* taking(
      "queue",
      queue.claim({ name: String(process.pid), versions: [1], engine: "onnxruntime-cpu" })
    )
    if (Option.isNone(lease)) {
      const report: QueueWorkerReport = { points, seconds: (performance.now() - began) / 1000, ...spent, resident }
      return console.log(JSON.stringify(report))
    }
    const { finish, point, report } = lease.value
    const settings = settingsOf(Number(point.id.slice(1)))
    yield* taking(
      "work",
      Effect.provide(
        runExperiment(settings, () => Effect.succeed([])),
        stores,
        { local: true }
      )
    )
    yield* taking("queue", Effect.andThen(report({ update: 20, of: 20, measures: { loss: 1 } }), finish('{"loss":1}')))
    resident.push(Math.round(process.memoryUsage.rss() / 2 ** 20))
  }
})

work.pipe(
  Effect.provide(
    Layer.mergeAll(
      Layer.provide(layerSql, layerStore({ address })),
      layerSynthetic({ count, channels: 1, height: 28, width: 28, seed: 0 }),
      layerOnnxRuntime
    ).pipe(Layer.provideMerge(NodeServices.layer))
  ),
  NodeRuntime.runMain
)
