import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { decaysOver } from "../../../src/domain/experiment/decaysOver.ts"
import { decodeSettings, presetJson } from "../../../src/domain/experiment/presets.ts"
import { trainingProgram } from "../../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { planMemory, totalBytes } from "../../../src/domain/tensor/memory.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { requireMemory } from "../../../src/layers/backend/requireMemory.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { runProgram } from "../../../src/programs/training/runProgram.ts"
import { randomPrograms } from "../../../src/testing/randomPrograms.ts"

const context = { backend: "here", program: "large" }

/** Its product has `side` squared numbers; the line that makes it is the one of `matmul`. */
const outer = (side: number) =>
  make("outer", {
    state: {},
    inputs: { x: [side, 1] },
    step: (_, { x }) => {
      const product = matmul(x, x, { transposeB: true })
      return { outputs: { total: sum(matmul(product, tanh(x))) } }
    }
  })

describe("a program too large for memory", () => {
  it("is refused exactly where its plan comes to more than there is", () => {
    fc.assert(
      fc.property(randomPrograms(), fc.constantFrom(-1, 0, 1), ({ program }, more) => {
        const needed = totalBytes(planMemory(program))
        const { _tag } = Effect.runSync(Effect.result(requireMemory(context, program, Effect.succeed(needed + more))))
        assert.strictEqual(_tag, more < 0 ? "Failure" : "Success")
      }),
      { numRuns: 20 }
    )
  })

  it("is one on several shards by what each of them computes, and by one state for all", () => {
    const plan = { ...planMemory(outer(64)), state: 4000, next: 1000 }
    assert.strictEqual(totalBytes(plan, 3) - totalBytes(plan), 2 * (plan.inputs + plan.sources + plan.peak))
  })

  it.effect("is refused by backends before anything is computed, with what it needs and the line that needs most", () =>
    Effect.gen(function* () {
      for (const layer of [layerOnnxRuntime, layerReference]) {
        const compiled = Effect.flatMap(TensorBackend, ({ compile }) => compile(outer(2 ** 21), {}))
        const error = yield* Effect.flip(Effect.scoped(Effect.provide(compiled, layer)))
        assert.strictEqual(error.during, "compile")
        assert.strictEqual(error.primitive, "matmul([2097152, 1] [2097152, 1]) : [2097152, 2097152]")
        assert.match(
          error.problem,
          /needs at least 16,4\d\d GiB .* can be had: 0 GiB .* the largest of 16,384 GiB \(.*requireMemory\.test\.ts:\d+\)/
        )
      }
    })
  )

  it.effect("is refused before a state is made that is too large", () =>
    Effect.gen(function* () {
      const program = make("wide", {
        state: { w: { shape: [2 ** 21, 2 ** 21], initialiser: { kind: "normal", standardDeviation: 1 } } },
        step: ({ w }) => ({ outputs: { total: sum(w) } })
      })
      const run = Stream.runDrain(runProgram(program, { updates: 1, seed: 1 }))
      const error = yield* Effect.flip(Effect.provide(run, layerReference))
      assert.include(error.message, 'could not compile "wide": a step needs at least 16,384 GiB')
    })
  )

  it.effect("is no preset: they are planned far below a small machine's memory", () =>
    Effect.gen(function* () {
      for (const preset of ["paper", "modern", "vae", "dcgan"] as const) {
        const { model, training } = yield* Effect.fromResult(decodeSettings(presetJson(preset)))
        const program = trainingProgram(modelOf(model, { channels: 1, height: 28, width: 28 }), {
          ...decaysOver(training, 1),
          shards: 1
        })
        yield* requireMemory(context, program, Effect.succeed(2 ** 30))
      }
    })
  )
})
