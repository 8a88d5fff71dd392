import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { type BackendError, TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { float32, lists } from "../../../src/testing/programs.ts"
import { assertClose } from "../../support/assertClose.ts"
import { sharedInputs, sharedProgram, sharedStart } from "./sharedProgram.ts"

/** State and outputs after some steps of the program on `count` shards. */
export const afterSteps = (count: number, steps: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(sharedProgram(count), sharedStart)
      for (let step = 0; step < steps; step++) {
        yield* executable.step({ inputs: sharedInputs(step), noise: { seed: 9, step } })
      }
      return { state: yield* executable.readState, outputs: yield* executable.readOutputs }
    })
  )

/** What every `TensorBackend` that runs shards promises; `tolerance` is its rounding. */
export const shardContract = (
  name: string,
  layerUnderTest: Layer.Layer<TensorBackend, BackendError>,
  tolerance: number
): void => {
  describe(`${name}: the contract of programs of several shards`, () => {
    layer(layerUnderTest)((it) => {
      it.effect("they compute what one shard computes on the whole batch", () =>
        Effect.gen(function* () {
          const one = yield* afterSteps(1, 3)
          for (const count of [2, 4]) {
            const several = yield* afterSteps(count, 3)
            for (const [key, { values }] of Object.entries({ ...one.state, ...one.outputs })) {
              assertClose({ ...several.state, ...several.outputs }[key]?.values ?? [], values, tolerance, key)
            }
          }
        })
      )

      it.effect("they are the same to the bit in every run, and go on from a state as if never stopped", () =>
        Effect.gen(function* () {
          const whole = yield* afterSteps(2, 3)
          assert.deepStrictEqual(yield* afterSteps(2, 3), whole)
          const { state } = yield* afterSteps(2, 2)
          const executable = yield* (yield* TensorBackend).compile(sharedProgram(2), state)
          assert.deepStrictEqual(lists(yield* executable.readState), lists(state))
          yield* executable.step({ inputs: sharedInputs(2), noise: { seed: 9, step: 2 } })
          assert.deepStrictEqual(yield* executable.readState, whole.state)
          assert.deepStrictEqual(yield* executable.readOutputs, whole.outputs)
        })
      )

      it.effect("they want the inputs of all shards together, and keep the state if these are wrong", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(sharedProgram(2), sharedStart)
          assert.include((yield* Effect.flip(executable.readOutputs)).message, "no step has been done yet")
          const inputs = { ...sharedInputs(0), x: float32([1, 2, 3, 4, 5, 6], [2, 3]) }
          const error = yield* Effect.flip(executable.step({ inputs, noise: { seed: 0, step: 0 } }))
          assert.match(error.message, /expected the input "x" of shape \[4, 3\], but was given \[2, 3\]/)
          assert.deepStrictEqual(lists(yield* executable.readState), lists(sharedStart))
        })
      )

      it.effect("they take inputs that may be overwritten, and hand out copies", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(sharedProgram(2), sharedStart)
          const inputs = sharedInputs(0)
          yield* executable.step({ inputs, noise: { seed: 9, step: 0 } })
          assert.deepStrictEqual(lists(inputs), lists(sharedInputs(0)))
          const state = lists(yield* executable.readState)
          inputs.x.values.fill(77)
          ;(yield* executable.readState)["total"]?.values.fill(99)
          ;(yield* executable.readOutputs).first.values.fill(99)
          assert.deepStrictEqual(lists(yield* executable.readState), state)
          assert.notInclude([...(yield* executable.readOutputs).first.values], 99)
        })
      )
    })
  })
}
