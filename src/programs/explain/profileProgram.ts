import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ExplainedPrimitive } from "../../domain/explain/explain.ts"
import { measuredBy } from "../../domain/explain/measured.ts"
import { initialState, type Program } from "../../domain/program/Program.ts"
import { noiseNumbers } from "../../domain/random/noiseSource.ts"
import type { Tensor } from "../../domain/tensor/Tensor.ts"
import { filled, type TensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { isEnough, median, warmUp } from "../../layers/backend/Profile.ts"
import { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

const steps = 22

/**
 * Measures how long the kernels of a program take on the `TensorBackend`, on one shard: on inputs drawn uniformly from [0, 1), from
 * the state before the first step. Fails with a `BackendError` if the backend cannot tell.
 */
export const profileProgram = Effect.fn("profileProgram")(function* (
  program: Program,
  explained: ReadonlyArray<ExplainedPrimitive>
) {
  const { name, compile, profile } = yield* TensorBackend
  const alone = program.onShards(1)
  if (profile === undefined) {
    const problem = "it does not tell how long its kernels take; onnxruntime, tfjs and reference do"
    return yield* new BackendError({ backend: name, program: program.name, during: "run", problem })
  }
  const inputs = mapRecord(alone.inputs, uniformNumbers)
  const half = (shape: ReadonlyArray<number>): TensorData => filled(shape, 0.5)
  const ofPixels = Object.values(alone.specs).find(({ initialiser }) => initialiser.kind === "marginals")
  const state = initialState(
    alone,
    1,
    ofPixels === undefined ? undefined : { mean: half(ofPixels.shape), sample: half(ofPixels.shape) }
  )
  const calls = Array.from({ length: steps }, (_, step) => ({ inputs, noise: { seed: 1, step } }))
  const times = yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* compile(alone, state)
      const began = yield* Clock.currentTimeMillis
      const times: Array<number> = []
      for (const call of calls) {
        const now = yield* Clock.currentTimeNanos
        if (isEnough(times.length, (yield* Clock.currentTimeMillis) - began)) break
        yield* executable.step(call)
        times.push(Number((yield* Clock.currentTimeNanos) - now) / 1e6)
      }
      return times
    })
  )
  return measuredBy(name, yield* profile(alone, state, calls), median(times.slice(warmUp)), explained)
})

const uniformNumbers = ({ shape }: Tensor, input: string): TensorData => ({
  shape,
  values: noiseNumbers(
    {
      op: "noise",
      inputs: [],
      shape,
      parameters: { stream: `input ${input}`, distribution: { kind: "uniform" }, shape }
    },
    { seed: 1, step: 0 }
  )
})
