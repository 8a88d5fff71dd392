import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { accumulator, accumulatorStart, adding, noNoise } from "../../../src/testing/accumulator.ts"
import { float32, vector } from "../../../src/testing/programs.ts"

const started = Effect.flatMap(TensorBackend, (backend) => backend.compile(accumulator(), accumulatorStart()))

describe("the checks that all backends share say", () => {
  layer(layerReference)((it) => {
    it.effect("what a first state lacks", () =>
      Effect.gen(function* () {
        const backend = yield* TensorBackend
        const { total, factor } = accumulatorStart()
        const wrong = [
          [{ total }, /state "factor" of shape \[\], but was given nothing/],
          [{ total: vector(1, 2, 3), factor }, /state "total" of shape \[2\], but was given \[3\] with 3/],
          [{ total: float32([1, 2], [1, 2]), factor }, /state "total" of shape \[2\], but was given \[1, 2\]/],
          [{ total: { shape: [2], values: Float32Array.of(1) }, factor }, /\[2\], but was given \[2\] with 1 numbers/]
        ] as const
        for (const [state, message] of wrong) {
          assert.match((yield* Effect.flip(backend.compile(accumulator(), state))).message, message)
        }
      })
    )

    it.effect("what is wrong with a step's inputs and noise key", () =>
      Effect.gen(function* () {
        const { step } = yield* started
        const x = vector(1, 1)
        const missing: { readonly x: typeof x } = JSON.parse("{}")
        const wrong = [
          [{ inputs: missing, noise: noNoise }, /input "x" of shape \[2\], but was given nothing/],
          [{ inputs: { x: vector(1) }, noise: noNoise }, /input "x" of shape \[2\], but was given \[1\]/],
          [{ inputs: { x: { shape: [2], values: Float32Array.of(1, 2, 3) } }, noise: noNoise }, /with 3 numbers/],
          [{ inputs: { x }, noise: { seed: -1, step: 0 } }, /noise.seed must be a non-negative safe integer, not -1/],
          [{ inputs: { x }, noise: { seed: 0, step: 0.5 } }, /noise.step must be a non-negative safe integer, not 0.5/]
        ] as const
        for (const [call, message] of wrong) assert.match((yield* Effect.flip(step(call))).message, message)
      })
    )

    it.effect("that there has been no step, and that the scope is closed", () =>
      Effect.gen(function* () {
        const { readOutputs } = yield* started
        assert.include((yield* Effect.flip(readOutputs)).message, "no step has been done yet")
        const closed = yield* Effect.scoped(started)
        for (const use of [closed.step(adding(1, 1)), closed.readOutputs, closed.readState]) {
          assert.include((yield* Effect.flip(Effect.asVoid(use))).message, "the scope it was compiled in is closed")
        }
      })
    )
  })
})
