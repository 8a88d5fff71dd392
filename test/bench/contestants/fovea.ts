import * as Effect from "effect/Effect"
import { shardsFor } from "../../../src/domain/tensor/Sharding.ts"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { paperTraining } from "../paperTraining.ts"
import type { Contestant } from "./Contestant.ts"

/** Fovea as a training run uses it, on as many shards as the backend runs at once: the whole `Executable.step` with a fresh batch, and `readOutputs`. */
export const foveaContestant = Effect.fnUntraced(function* (parameters: NamedTensors | undefined) {
  const { makeProgram, initialState, imagesOf, seed, batchSize } = yield* paperTraining
  const backend = yield* TensorBackend
  const shards = shardsFor(batchSize, backend.parallelism ?? 1)
  const executable = yield* backend.compile(makeProgram({ shards }), { ...initialState, ...parameters })
  const contestant: Contestant = {
    update: Effect.fnUntraced(function* (k) {
      yield* executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k } })
      const { discriminatorLoss, generatorLoss } = yield* executable.readOutputs
      return [discriminatorLoss?.values[0] ?? Number.NaN, generatorLoss?.values[0] ?? Number.NaN] as const
    }),
    parameters: Effect.map(executable.readState, (state) =>
      Object.fromEntries(Object.entries(state).filter(([path]) => !path.startsWith("optimizer.")))
    )
  }
  return contestant
})
