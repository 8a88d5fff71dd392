/**
 * `node process.ts <engine> <updates> <seconds>`, started by `measureMemory`: trains the small model on one engine, as a
 * training does (every update's losses are read), and says now and then how much memory it has. A process for each engine,
 * so that what is resident is its own.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type EngineName, engineNames } from "../../../src/layers/backend/selection/engineNames.ts"
import { engineLayers } from "../../../src/layers/backend/selection/engines.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { modelTraining, smallAttentionGan } from "../../../src/testing/smallTrainings.ts"
import { plannedMemory } from "./plannedMemory.ts"
import { tfjsBackends, tfjsEngineOf } from "./tfjsEngines.ts"

/** What the process tells. */
export type MemoryMessage =
  /** After so many updates: bytes resident, and tensors that tfjs holds. */
  | { readonly kind: "sample"; readonly update: number; readonly rss: number; readonly tensors?: number }
  | { readonly kind: "planned"; readonly planned: Awaited<ReturnType<typeof plannedMemory>> }

const [given, updates, seconds] = process.argv.slice(2)
const name = engineNames.find((known): known is EngineName => known === given)
const send = (message: MemoryMessage): void => void process.send?.(message)

const trained = Effect.gen(function* () {
  if (name === undefined) return yield* Effect.die(new Error(`usage: forked with one of ${engineNames.join(", ")}`))
  const backend = Context.get(yield* Layer.build(engineLayers[name]), TensorBackend)
  const { program, first, call } = modelTraining(
    smallAttentionGan,
    { channels: 1, height: 12, width: 10 },
    { batch: 6 }
  )
  const executable = yield* backend.compile(program, first)
  const engine = yield* Effect.promise(() => tfjsEngineOf(name))
  const sample = (update: number): void => {
    const tensors = engine?.backend.numDataIds()
    send({
      kind: "sample",
      update,
      rss: process.memoryUsage.rss(),
      ...(tensors === undefined ? {} : { tensors })
    })
  }
  const until = performance.now() + Number(seconds) * 1000
  for (let update = 0; update < Number(updates) && performance.now() < until; update++) {
    yield* executable.step(call(update))
    yield* executable.readOutputs
    if ((update + 1) % 100 === 0) sample(update + 1)
  }
  if (engine === undefined || tfjsBackends[name] === undefined) return
  send({ kind: "planned", planned: yield* Effect.promise(() => plannedMemory(engine)) })
}).pipe(Effect.scoped)

process.on("disconnect", () => process.exit(0))
await Effect.runPromise(trained)
process.disconnect()
