import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { benchmarkInputs, benchmarkProgram, benchmarkState } from "../../../src/domain/experiment/benchmark.ts"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"

it("the yardstick is of the size that it says", () => {
  assert.closeTo(programCost(benchmarkProgram).flop / 65.5e6, 1, 0.05)
})

it.effect("the yardstick's loss begins near softplus(0) and falls", () =>
  Effect.gen(function* () {
    const executable = yield* (yield* TensorBackend).compile(benchmarkProgram, benchmarkState)
    const losses: Array<number> = []
    for (let step = 0; step < 3; step++) {
      yield* executable.step({ inputs: benchmarkInputs, noise: { seed: 0, step } })
      losses.push((yield* executable.readOutputs).loss.values[0] ?? Number.NaN)
    }
    const [first = 0, second = 0, third = 0] = losses
    assert.closeTo(first, Math.LN2, 0.3)
    assert.isBelow(second, first)
    assert.isBelow(third, second)
  }).pipe(Effect.scoped, Effect.provide(layerReference))
)
