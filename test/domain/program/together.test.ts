import { assert, describe, it } from "@effect/vitest"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import type { Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, sgd } from "../../../src/domain/optim/optimizers.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { partOf, together } from "../../../src/domain/program/together.ts"
import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { size } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"
import { plain, stepped } from "./steps.ts"

const pair: ParameterSpec = { shape: [2], initialiser: { kind: "normal", standardDeviation: 1 } }

/** Least squares; the draws of two are of one distribution or of two, and could not be of one stream. */
const regression = (optimizer: Optimizer, width: number, batch = 8) =>
  make("fit", {
    state: { line: learner(linearParameters(2, 1), optimizer), average: ema(linearParameters(2, 1), 0.5) },
    inputs: { x: [batch, 2], y: [batch, 1] },
    step: ({ line, average }, { x, y }, key) => {
      const noise = mean(key("z").normal([size(x, 0), width]), [1], true)
      const { next, loss } = descend(line, (p) => mean(square(subtract(add(linear(p, x), noise), y))))
      return { next: { line: next, average: follow(average, next.parameters) }, outputs: { loss } }
    }
  })

const batches = [0, 1, 2].map((step) => ({
  x: tensorData([8, 2], normals(step, "x", [8, 2])),
  y: tensorData([8, 1], normals(step, "y", [8, 1]))
}))

describe("programs together", () => {
  const both = together("both", { slow: regression(sgd(0.1), 1), quick: regression(adam(0.1), 3) })

  it("each have a state, outputs and noise of their own, and share inputs", () => {
    assert.sameMembers(Object.keys(both.inputs), ["x", "y"])
    assert.sameMembers(Object.keys(both.outputs), ["slow.loss", "quick.loss"])
    assert.strictEqual(both.batchSize, 8)
    const begin = initialState(both, 3)
    const end = stepped(both, begin, batches)
    for (const part of ["slow", "quick"]) {
      assert.notDeepEqual(plain(partOf(end.state, part)), plain(partOf(begin, part)))
    }
  })

  it("begin as they are drawn, each by itself, and an average as what it is the average of", () => {
    const begin = plain(initialState(both, 3))
    assert.notDeepEqual(begin["slow.line.parameters.weight"], begin["quick.line.parameters.weight"])
    const copied = make("copy", {
      state: { w: pair, average: ema(pair, 0.5) },
      step: ({ w, average }) => ({ next: { average: follow(average, w) }, outputs: { w: multiply(w, 2) } })
    })
    const copies = plain(initialState(together("copies", { one: copied }), 3))
    assert.deepStrictEqual(copies["one.average.parameters"], copies["one.w"])
  })

  it("are on shards what they are on one", () => {
    const begin = initialState(both, 3)
    const [one, two] = [stepped(both, begin, batches), stepped(both.onShards(2), begin, batches)]
    for (const [path, { values }] of Object.entries(one.state))
      assertClose(two.state[path]?.values ?? [], values, 1e-9, path)
  })

  it("are refused where an input has two shapes, and where there are none", () => {
    assert.throws(
      () => together("unlike", { a: regression(sgd(0.1), 1), b: regression(sgd(0.1), 1, 4) }),
      ProgramError,
      'unlike: the input "x" is [8, 2] in "a" and [4, 2] in "b"'
    )
    assert.throws(() => together("none", {}), ProgramError, "none: there are no programs to join")
    assert.throws(
      () => together("shards", { a: regression(sgd(0.1), 1), b: regression(sgd(0.1), 1).onShards(2) }),
      ProgramError,
      '"a" and "b" differ in shards'
    )
  })
})
