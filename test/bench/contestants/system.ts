import * as Effect from "effect/Effect"
import { shardsFor } from "../../../src/domain/tensor/Sharding.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { lossesOf, systems } from "../systems.ts"
import type { Contestant } from "./Contestant.ts"

/** Fovea on a system, from its first state, on as many shards as the backend runs at once. Its inputs are in memory, as its peers' are. */
export const systemContestant = Effect.fnUntraced(function* (name: string) {
  const made = systems[name]
  if (made === undefined) return yield* Effect.die(new Error(`there is no system ${name}`))
  const system = yield* made
  const { program, state, inputs, seed } = system
  const backend = yield* TensorBackend
  const shards = program.batchSize === undefined ? 1 : shardsFor(program.batchSize, backend.parallelism ?? 1)
  const executable = yield* backend.compile(program.onShards(shards), state)
  const contestant: Contestant = {
    update: Effect.fnUntraced(function* (k) {
      yield* executable.step({ inputs: inputs[k % inputs.length] ?? {}, noise: { seed, step: k } })
      const outputs = yield* executable.readOutputs
      return lossesOf(system, outputs)
    }),
    parameters: executable.readState
  }
  return contestant
})
