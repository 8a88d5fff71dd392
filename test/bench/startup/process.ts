/**
 * `node process.ts <task>`, started by `measureStartup`: does one task from nothing in a process of its own, and tells the milliseconds
 * that it took apart from starting the process.
 */
import { NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { shardsFor } from "../../../src/domain/tensor/Sharding.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../../src/layers/dataset/mnist.ts"
import { sampleImages } from "../../../src/programs/sampling/Sampling.ts"
import { paperTraining } from "../paperTraining.ts"
import { systems } from "../systems.ts"

/** What the process tells. */
export interface StartupMessage {
  /** Milliseconds of its task. */
  readonly ms: number
  /** Processor time of all its threads since its start, in milliseconds. */
  readonly cpuMs: number
}

/** Reads MNIST's files and checks them against their digests. */
const load = Effect.gen(function* () {
  const begun = performance.now()
  yield* Dataset.pipe(Effect.provide(layerMnist.pipe(Layer.provide(NodeServices.layer))))
  return performance.now() - begun
})

/** All that comes before the first update of the paper's experiment, and the update, on as many shards as the backend runs at once. */
const firstUpdate = Effect.gen(function* () {
  const begun = performance.now()
  const { makeProgram, initialState, imagesOf, seed, batchSize } = yield* paperTraining
  const backend = yield* TensorBackend
  const program = makeProgram({ shards: shardsFor(batchSize, backend.parallelism ?? 1) })
  const executable = yield* backend.compile(program, initialState)
  yield* executable.step({ inputs: { images: imagesOf(0) }, noise: { seed, step: 0 } })
  yield* executable.readOutputs
  return performance.now() - begun
}).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

/** 10,000 images of the paper's generator, its program's compilation included. */
const samples = Effect.gen(function* () {
  const { model, initialState, seed } = yield* paperTraining
  yield* TensorBackend
  const begun = performance.now()
  yield* sampleImages(model, initialState, { count: 10_000, seed })
  return performance.now() - begun
}).pipe(Effect.provide(layerOnnxRuntime))

/** Making the training program of DRAW with 64 glimpses and compiling it, on as many shards as the backend runs at once. */
const largest = Effect.gen(function* () {
  const system = systems["draw, 64 glimpses"]
  if (system === undefined) return yield* Effect.die(new Error("there is no such system"))
  const backend = yield* TensorBackend
  const { program, state } = yield* system
  const begun = performance.now()
  yield* backend.compile(program.onShards(shardsFor(program.batchSize ?? 1, backend.parallelism ?? 1)), state)
  return performance.now() - begun
}).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

const tasks = { load, firstUpdate, samples, largest }

const [given] = process.argv.slice(2)
const task = Object.entries(tasks).find(([name]) => name === given)?.[1]
if (task === undefined) throw new Error(`usage: forked with one of ${Object.keys(tasks).join(", ")}`)
const ms = await Effect.runPromise(task)
const { user, system } = process.cpuUsage()
const message: StartupMessage = { ms, cpuMs: (user + system) / 1000 }
process.send?.(message)
process.disconnect()
