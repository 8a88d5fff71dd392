import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linearParameters } from "../../../src/domain/nn/linear.ts"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { numbers, plain, stepped } from "./steps.ts"

const normal: ParameterSpec = { shape: [3], initialiser: { kind: "normal", standardDeviation: 1 } }

describe("an average of parameters", () => {
  it("is their mean so far, each newer one weighing more by 1 / decay, whatever it began as", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 0.999, noNaN: true })),
        fc.integer({ min: 1, max: 6 }),
        (decay, steps) => {
          const G = learner({ w: { ...normal, shape: [] } }, sgd(0.2))
          const program = make("averaged", {
            state: { G, average: ema(G, decay) },
            step: ({ G, average }) => {
              const { next, loss } = descend(G, (p) => square(subtract(p.w, 2)))
              return { next: { G: next, average: follow(average, next.parameters) }, outputs: { loss } }
            }
          })
          const start = numbers({ "G.parameters.w": 7, "average.count": 0, "average.parameters.w": -100 })
          const { state } = stepped(
            program,
            start,
            Array.from({ length: steps }, () => ({}))
          )
          // w - 2 becomes 3/5 of itself in each update; the plain loop of Adam's correction.
          let [w, biased] = [7, 0]
          for (let t = 0; t < steps; t++) {
            w = 2 + 0.6 * (w - 2)
            biased = decay * biased + (1 - decay) * w
          }
          assertClose(state["average.parameters.w"]?.values ?? [], [biased / (1 - decay ** steps)], 1e-6)
          assert.strictEqual(plain(state)["average.count"], steps)
        }
      ),
      { numRuns: 20 }
    )
  })

  it("is, within a step, a part of the state with parameters of the same form", () => {
    const layers = { first: linearParameters(2, 3), last: { weight: normal } }
    const program = make("read", {
      state: { average: ema(layers, 0.9) },
      step: ({ average }) => ({ outputs: { total: sum(average.parameters.first.weight) } })
    })
    assert.deepStrictEqual(Object.keys(program.specs), [
      "average.count",
      "average.parameters.first.weight",
      "average.parameters.first.bias",
      "average.parameters.last.weight"
    ])
  })

  it.each([1, -0.1, 1.5, Number.NaN])("has a decay in [0, 1), not %d", (decay) => {
    assert.throws(() => ema({ w: normal }, decay), RangeError, `the decay of an average lies in [0, 1), not ${decay}`)
  })
})

describe("an average before the first update", () => {
  const totals = <S extends Parameters<typeof make>[1]["state"]>(state: S) =>
    make("begin", { state, step: () => ({ outputs: { one: sum(fillOne) } }) })
  const fillOne = square(subtract(3, 2))

  it("begins as its parameters, wherever they stand in the state, and as random as they", () => {
    const G = learner({ a: normal, b: { weight: { ...normal } } }, sgd(0.1))
    for (const state of [
      { G, average: ema(G, 0.9) },
      { average: ema(G, 0.9), nested: { G } }
    ]) {
      const at = initialState(totals(state), 5)
      const prefix = "nested" in state ? "nested.G" : "G"
      for (const path of ["a", "b.weight"]) {
        assert.deepStrictEqual(at[`average.parameters.${path}`], at[`${prefix}.parameters.${path}`])
      }
      assert.notDeepEqual(at["average.parameters.a"], at["average.parameters.b.weight"])
    }
  })

  it("begins each parameter as that one even if several are the same spec", () => {
    const G = learner({ first: { gain: normal }, second: { gain: normal } }, sgd(0.1))
    const at = initialState(totals({ G, average: ema(G, 0.9) }), 5)
    assert.notDeepEqual(at["G.parameters.first.gain"], at["G.parameters.second.gain"])
    for (const path of ["first.gain", "second.gain"]) {
      assert.deepStrictEqual(at[`average.parameters.${path}`], at[`G.parameters.${path}`])
    }
  })

  it("is refused where two learners of the same specs make it unclear whose average it is", () => {
    const parameters = { gain: normal }
    const [A, B] = [learner(parameters, sgd(0.1)), learner(parameters, sgd(0.1))]
    assert.throws(
      () => totals({ A, B, average: ema(A, 0.9) }),
      TypeError,
      '"average.parameters.gain" begins as one spec that stands at "A.parameters.gain" and "B.parameters.gain": ' +
        "give each specs of its own"
    )
    // Where all begin alike there is nothing to confuse.
    const zero: ParameterSpec = { shape: [2], initialiser: { kind: "constant", value: 3 } }
    const [C, D] = [learner({ zero }, sgd(0.1)), learner({ zero }, sgd(0.1))]
    const at = initialState(totals({ C, D, average: ema(C, 0.9) }), 5)
    assert.deepStrictEqual(at["average.parameters.zero"], tensorData([2], Float32Array.of(3, 3)))
  })

  it("of an average begins as what that one is of", () => {
    const G = learner({ a: normal }, sgd(0.1))
    const slow = ema(G, 0.9)
    const at = initialState(totals({ G, slow, slower: ema(slow, 0.99) }), 5)
    assert.deepStrictEqual(at["slower.parameters.a"], at["G.parameters.a"])
  })

  it("draws numbers of its own where its parameters are not in the state: those of a sampler are given", () => {
    const at = initialState(totals({ average: ema({ a: normal }, 0.9) }), 5)
    assert.strictEqual(new Set(at["average.parameters.a"]?.values).size, 3)
  })
})
