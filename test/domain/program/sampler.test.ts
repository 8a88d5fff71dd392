import { assert, describe, it } from "@effect/vitest"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { learner } from "../../../src/domain/program/Learner.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { sampler } from "../../../src/domain/program/sampler.ts"
import { printProgram } from "../../../src/domain/tensor/print.ts"

describe("a sampler", () => {
  const G = learner(linearParameters(3, 2), sgd(0.1))
  const points = sampler("points", { G }, ({ G }, batch, key) => ({
    points: linear(G.parameters, key("z").normal([batch, 3]))
  }))

  it("is the program that draws so many samples and leaves its state as it is", () => {
    for (const batch of [1, 7]) {
      const written = make("points", {
        state: { G },
        step: ({ G }, _, key) => ({ outputs: { points: linear(G.parameters, key("z").normal([batch, 3])) } })
      })
      const program = points(batch)
      assert.deepStrictEqual(program.outputs.points.shape, [batch, 2])
      assert.strictEqual(printProgram(program), printProgram(written))
      assert.deepStrictEqual(program.specs, written.specs)
      assert.deepStrictEqual(program.next, program.state)
    }
  })
})
