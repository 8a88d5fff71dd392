import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, linear, linearParameters, Optim, Program, Training } from "fovea"
import { add, log, mean, square, subtract } from "fovea/tensor"
import { keepsContract } from "./contract.ts"

const line = Program.learner(linearParameters(1, 1), Optim.sgd(0.01))

const numbers = Data.floats([1], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8))

const recipe = Training.recipe({
  program: Program.make("line", {
    state: { line },
    inputs: { x: [4, 1], y: [4, 1] },
    step: ({ line }, { x, y }) => {
      const { next, loss } = Program.descend(line, (p) => mean(square(subtract(linear(p, x), y))))
      return { next: { line: next }, outputs: { loss } }
    }
  }),
  data: Data.shuffled(Data.examples({ x: numbers, y: numbers })),
  updates: 1000,
  seed: 2,
  sampler: (batch) =>
    Program.make("points of the line", {
      state: { line },
      step: ({ line }, _, key) => ({ outputs: { y: linear(line.parameters, key("x").normal([batch, 1])) } })
    })
})

const failure = (small: Partial<Parameters<typeof keepsContract<"x" | "y", "loss">>[1]>, changed = recipe) =>
  Effect.map(Effect.exit(keepsContract(changed, { moves: { loss: "falls" }, updates: 8, ...small })), String)

describe("the gallery's contract", () => {
  it.live("is kept by a small program, whose metrics and samples it gives", () =>
    Effect.gen(function* () {
      const { metrics, samples } = yield* keepsContract(recipe, { moves: { loss: "falls" }, updates: 8 })
      assert.strictEqual(metrics.length, 8)
      assert.deepStrictEqual(samples["y"]?.shape, [7, 1])
    })
  )

  it.live("is kept by a program without inputs, whose recipe has no data", () =>
    Effect.gen(function* () {
      const counting = Training.recipe({
        program: Program.make("count", {
          state: { count: Program.counter },
          step: ({ count }) => ({ next: { count: add(count, 1) }, outputs: { count } })
        }),
        updates: 8,
        seed: 2
      })
      const { metrics } = yield* keepsContract(counting, { moves: { count: "rises" }, updates: 8 })
      assert.deepStrictEqual(
        metrics.map(({ count }) => count),
        [0, 1, 2, 3, 4, 5, 6, 7]
      )
    })
  )

  it.live("is not kept where a measure moves the other way", () =>
    Effect.gen(function* () {
      assert.match(yield* failure({ moves: { loss: "rises" } }), /loss: expected .* to be above/)
    })
  )

  it.live("is not kept where the result cannot be shown", () =>
    Effect.gen(function* () {
      const unshown = { ...recipe, show: () => Effect.die("nothing to see") }
      assert.match(yield* failure({}, unshown), /nothing to see/)
      assert.match(yield* failure({ shown: false }, unshown), /^Success/)
    })
  )

  it.live("is not kept where the samples are not numbers", () =>
    Effect.gen(function* () {
      const sampler = (batch: number) =>
        Program.make("nothing", {
          state: { line },
          step: (_, __, key) => ({ outputs: { y: log(key("x").normal([batch, 1])) } })
        })
      assert.match(yield* failure({}, { ...recipe, sampler }), /samples of y are finite/)
    })
  )
})
