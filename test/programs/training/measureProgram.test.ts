import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { examples, floats } from "../../../src/domain/data/Examples.ts"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { shuffled } from "../../../src/layers/dataset/BatchSource.ts"
import { measureProgram } from "../../../src/programs/training/measureProgram.ts"

const line = make("line", {
  state: { line: learner(linearParameters(1, 1), sgd(0.5)) },
  inputs: { x: [2, 1] },
  step: ({ line }, { x }) => {
    const { next, loss } = descend(line, (p) => mean(square(subtract(linear(p, x), 1))))
    return { next: { line: next }, outputs: { loss, mean: mean(x) } }
  }
})

const numbers = (...values: ReadonlyArray<number>) => shuffled(examples({ x: floats([1], Float32Array.from(values)) }))

const twice = { "line.parameters.weight": 2, "line.parameters.bias": 0 }
const tensors = Object.fromEntries(
  Object.entries(twice).map(([path, value]) => [
    path,
    tensorData(path.endsWith("bias") ? [1] : [1, 1], Float32Array.of(value))
  ])
)

describe("measureProgram", () => {
  it.effect("gives the mean over all examples, and learns nothing of them", () =>
    Effect.gen(function* () {
      const data = numbers(0, 1, 2, 3)
      const measured = yield* measureProgram(line, { ...initialState(line, 1), ...tensors }, { data, seed: 1 })
      // (2 x - 1)^2 at 0, 1, 2, 3, whatever the order of the batches.
      assert.deepStrictEqual(measured, { loss: (1 + 1 + 9 + 25) / 4, mean: 1.5 })
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("leaves out what does not fill a batch, and fails where nothing does", () =>
    Effect.gen(function* () {
      const measured = yield* measureProgram(line, tensors, { data: numbers(5, 5, 5), seed: 1 })
      assert.strictEqual(measured.mean, 5)
      const none = yield* Effect.flip(measureProgram(line, tensors, { data: numbers(5), seed: 1 }))
      assert.match(none.message, /^A batch of 2 examples cannot be taken from a set of 1/)
    }).pipe(Effect.provide(layerReference))
  )
})
