import * as Effect from "effect/Effect"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { paperTraining } from "../paperTraining.ts"
import type { Contestant } from "./Contestant.ts"

/** Fovea as a training run uses it: the whole `Executable.step` with a fresh batch, and `readOutputs`. */
export const foveaContestant = Effect.fnUntraced(function* (parameters: NamedTensors | undefined) {
  const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
  const backend = yield* TensorBackend
  const executable = yield* backend.compile(makeProgram(), { ...initialState, ...parameters })
  const contestant: Contestant = {
    update: Effect.fnUntraced(function* (k) {
      yield* executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k } })
      const { discriminatorLoss, generatorLoss } = yield* executable.readOutputs
      return [discriminatorLoss.values[0] ?? Number.NaN, generatorLoss.values[0] ?? Number.NaN] as const
    }),
    parameters: Effect.map(executable.readState, (state) =>
      Object.fromEntries(Object.entries(state).filter(([path]) => !path.startsWith("optimizer.")))
    )
  }
  return contestant
})
