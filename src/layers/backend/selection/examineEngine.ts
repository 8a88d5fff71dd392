import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { benchmarkInputs, benchmarkProgram, benchmarkState } from "../../../domain/experiment/benchmark.ts"
import { layerReference } from "../reference.ts"
import { type BackendError, TensorBackend } from "../TensorBackend.ts"
import { deviceOf } from "./devices.ts"
import type { EngineStatus } from "./EngineStatus.ts"
import { type EngineName, engineVersion } from "./engineNames.ts"
import { engineLayers } from "./engines.ts"

/** Steps before the clock is looked at, timed steps at most, and the time after which no more are begun. */
const [warmUp, mostSteps, enoughMilliseconds] = [2, 15, 2000]

/**
 * Starts an engine in this process and finds out what it is; `timed`: runs the yardstick as well. An engine that gives
 * wrong numbers counts as failed. A crash of native code is the process's: `probeEngine` keeps it from others.
 */
export const examineEngine = (name: EngineName, timed: boolean): Effect.Effect<EngineStatus> => {
  const version = engineVersion(name)
  const known = { name, ...(version === undefined ? {} : { version }) }
  return Effect.gen(function* () {
    const backend = Context.get(yield* Layer.build(engineLayers[name]), TensorBackend)
    const device = yield* deviceOf(name)
    if (!timed) return { ...known, device, status: "present" as const }
    const { milliseconds, loss } = yield* timeBenchmark.pipe(Effect.provideService(TensorBackend, backend))
    const expected = yield* firstLoss.pipe(Effect.provide(layerReference))
    return Math.abs(loss - expected) <= 1e-4
      ? { ...known, device, milliseconds, status: "present" as const }
      : { ...known, device, status: "failed" as const, problem: `gave a loss of ${loss} instead of ${expected}` }
  }).pipe(
    Effect.scoped,
    Effect.catch(({ during, problem }: BackendError) =>
      Effect.succeed({ ...known, status: during === "start" ? ("missing" as const) : ("failed" as const), problem })
    )
  )
}

const call = { inputs: benchmarkInputs, noise: { seed: 0, step: 0 } }

const compiled = Effect.flatMap(TensorBackend, ({ compile }) => compile(benchmarkProgram, benchmarkState))

const firstLoss = Effect.gen(function* () {
  const executable = yield* compiled
  yield* executable.step(call)
  return (yield* executable.readOutputs).loss.values[0] ?? Number.NaN
}).pipe(Effect.scoped)

/** Milliseconds of a step that ends when its loss has been read, and the loss of the first. */
const timeBenchmark = Effect.gen(function* () {
  const executable = yield* compiled
  const step = Effect.gen(function* () {
    const start = performance.now()
    yield* executable.step(call)
    const { loss } = yield* executable.readOutputs
    return { milliseconds: performance.now() - start, loss: loss.values[0] ?? Number.NaN }
  })
  const { loss } = yield* step
  for (let i = 1; i < warmUp; i++) yield* step
  const times: Array<number> = []
  const begin = performance.now()
  while (times.length < mostSteps && (times.length === 0 || performance.now() - begin < enoughMilliseconds)) {
    times.push((yield* step).milliseconds)
  }
  times.sort((a, b) => a - b)
  return { milliseconds: times[times.length >> 1] ?? Number.NaN, loss }
}).pipe(Effect.scoped)
