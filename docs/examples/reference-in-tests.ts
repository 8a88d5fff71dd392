import assert from "node:assert/strict"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backends, Data, Program, Training } from "fovea"
import { mean, square, subtract } from "fovea/tensor"

/** What is to be tested: a program of one's own, here a running mean of squares. */
const program = Program.make("running mean of squares", {
  state: { average: { shape: [], initialiser: { kind: "constant", value: 1 } } },
  inputs: { x: [4] },
  step: ({ average }, { x }) => {
    const found = mean(square(x))
    return { next: { average: found }, outputs: { change: subtract(found, average) } }
  }
})

/** The effect asks for some TensorBackend; which one is the caller's business. */
const changeAfter = (values: ReadonlyArray<number>) => {
  const data = Data.shuffled(Data.examples({ x: Data.floats([], Float32Array.from(values)) }))
  return Training.run(program, { data, updates: 1, seed: 0 }).pipe(
    Stream.runLast,
    Effect.flatMap(Effect.fromOption),
    Effect.map(({ metrics }) => metrics.change)
  )
}

test("the reference layer computes in float64, with nothing to install", async () => {
  const change = await Effect.runPromise(changeAfter([1, 2, 3, 4]).pipe(Effect.provide(Backends.reference)))
  assert.equal(change, 6.5)
})

test("the engine that trains agrees with it to float32's accuracy", async () => {
  const change = await Effect.runPromise(changeAfter([1, 2, 3, 4]).pipe(Effect.provide(Backends.onnxRuntime)))
  assert.ok(Math.abs(change - 6.5) < 1e-6)
})
