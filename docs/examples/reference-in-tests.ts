import assert from "node:assert/strict"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { Backends, TensorBackend } from "fovea"
import { makeProgram, mean, placeholder, square, subtract } from "fovea/tensor"

/** What is to be tested: a program of one's own, here one step of a running mean of squares. */
const state = placeholder("average", [])
const x = placeholder("x", [4])
const program = makeProgram({
  name: "running mean of squares",
  state: { average: state },
  inputs: { x },
  next: { average: mean(square(x)) },
  outputs: { change: subtract(mean(square(x)), state) }
})

/** The effect asks for some TensorBackend; which one is the caller's business. */
const changeAfter = (values: ReadonlyArray<number>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const executable = yield* backend.compile(program, { average: { shape: [], values: Float64Array.of(1) } })
      yield* executable.step({
        inputs: { x: { shape: [4], values: Float64Array.from(values) } },
        noise: { seed: 0, step: 0 }
      })
      const { change } = yield* executable.readOutputs
      return change.values[0]
    })
  )

test("the reference layer computes in float64, with nothing to install", async () => {
  const change = await Effect.runPromise(changeAfter([1, 2, 3, 4]).pipe(Effect.provide(Backends.reference)))
  assert.equal(change, 6.5)
})

test("the engine that trains agrees with it to float32's accuracy", async () => {
  const change = await Effect.runPromise(changeAfter([1, 2, 3, 4]).pipe(Effect.provide(Backends.onnxRuntime)))
  assert.ok(Math.abs((change ?? Number.NaN) - 6.5) < 1e-6)
})
