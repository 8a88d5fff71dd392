import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import type { Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, rmsprop, sgd } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner, withBuffers } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { scalar } from "../../../src/domain/tensor/source.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { numbers, plain, stepped } from "./steps.ts"

const rmspropBelow = (epsilonRoot: number): Optimizer => rmsprop(0.1, 0.9, 1e-8, epsilonRoot)
const number: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 0 } }
const buffer: ParameterSpec = { ...number, trained: false }

describe("descend", () => {
  it("moves by minus the rate times the gradient, and gives loss and gradient as they were before", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (w, rate) => {
          const program = make("square", {
            state: { line: learner({ w: number }, sgd(rate)) },
            step: ({ line }) => {
              const { next, loss, gradients } = descend(line, (p) => square(subtract(p.w, 2)))
              return { next: { line: next }, outputs: { loss, gradient: gradients["w"] ?? scalar(Number.NaN) } }
            }
          })
          const { state, outputs } = stepped(program, numbers({ "line.parameters.w": w }), [{}])
          const { loss, gradient } = plain(outputs)
          assertClose([Number(loss), Number(gradient)], [(w - 2) ** 2, 2 * (w - 2)], 1e-12)
          assertClose(state["line.parameters.w"]?.values ?? [], [w - rate * 2 * (w - 2)], 1e-12)
        }
      )
    )
  })

  it("refuses a loss that depends on none of the parameters, and names them", () => {
    const D = learner({ w: number }, sgd(0.1))
    const stale = () =>
      make("stale", {
        state: { D },
        step: ({ D }) => {
          const first = descend(D, (p) => square(p.w))
          return { next: { D: descend(first.next, () => square(D.parameters.w)).next }, outputs: {} }
        }
      })
    assert.throws(stale, ProgramError, "depends on none of the parameters that are to descend (w)")
  })

  it("several times in a row is as many updates, the optimizer's state included", () => {
    const D = learner({ w: number }, adam(0.1))
    const loss = (w: Parameters<typeof square>[0]) => square(square(subtract(w, 2)))
    const critics = (steps: number) =>
      make("critic", {
        state: { D },
        step: ({ D }) => {
          let [next, last] = [D, scalar(0)]
          for (let i = 0; i < steps; i++) {
            const step = descend(next, (p) => loss(p.w))
            ;[next, last] = [step.next, step.loss]
          }
          return { next: { D: next }, outputs: { loss: last } }
        }
      })
    const start = numbers({
      "D.parameters.w": 3,
      "D.optimizer.updates": 0,
      "D.optimizer.first.w": 0,
      "D.optimizer.second.w": 0
    })
    const once = stepped(critics(5), start, [{}])
    const byHand = stepped(critics(1), start, [{}, {}, {}, {}, {}])
    assert.deepStrictEqual(once, byHand)
    assert.strictEqual(plain(once.state)["D.optimizer.updates"], 5)
  })

  it("gives constants for later gradients, unless it is unrolled: worked by hand", () => {
    const play = (unrolled: boolean | undefined) => {
      const program = make("two players", {
        state: { D: learner({ d: number }, sgd(0.1)), G: learner({ g: number }, sgd(1)) },
        step: ({ D, G }) => {
          const d = descend(D, (p) => square(subtract(p.d, G.parameters.g)), unrolled === undefined ? {} : { unrolled })
          const g = descend(G, (p) => multiply(d.next.parameters.d, p.g))
          return { next: { D: d.next, G: g.next }, outputs: { loss: g.loss } }
        }
      })
      return plain(stepped(program, numbers({ "D.parameters.d": 1, "G.parameters.g": 3 }), [{}]).state)
    }
    // d' = 1 - 0.1 2 (1 - 3) = 1.4; the gradient of d' g is d' where d' is a constant, and d' + g 2 0.1 where it is not.
    for (const unrolled of [undefined, false]) {
      const constant = play(unrolled)
      assertClose([Number(constant["D.parameters.d"]), Number(constant["G.parameters.g"])], [1.4, 3 - 1.4], 1e-12)
    }
    const through = play(true)
    assertClose([Number(through["D.parameters.d"]), Number(through["G.parameters.g"])], [1.4, 3 - 1.4 - 0.6], 1e-12)
  })

  it("leaves the optimizer's state a constant for later gradients as well", () => {
    const derivative = (unrolled: boolean) => {
      const program = make("state", {
        state: { D: learner({ d: number }, adam(0.1)), x: number },
        step: ({ D, x }) => {
          const { next } = descend(D, (p) => square(subtract(p.d, x)), { unrolled })
          // Unrolled itself, so that it would hand on what the first one let through.
          const again = descend(next, (p) => square(p.d), { unrolled: true })
          return { outputs: { derivative: gradient(again.next.parameters.d, x) } }
        }
      })
      const start = { "D.optimizer.updates": 0, "D.optimizer.first.d": 0.5, "D.optimizer.second.d": 0.5 }
      return plain(stepped(program, numbers({ "D.parameters.d": 1, x: 3, ...start }), [{}]).outputs)["derivative"]
    }
    assert.strictEqual(derivative(false), 0)
    assert.isAbove(Math.abs(Number(derivative(true))), 1e-3)
  })

  it("through Adam and RMSProp needs a positive epsilonRoot, or a gradient of exactly zero becomes one that is no number", () => {
    const derivative = (optimizer: Optimizer) => {
      const D = learner({ d: number }, optimizer)
      const program = make("unrolled", {
        state: { D, x: number },
        step: ({ D, x }) => {
          const { next } = descend(D, (p) => square(multiply(p.d, x)), { unrolled: true })
          return { outputs: { derivative: gradient(next.parameters.d, x) } }
        }
      })
      // The gradient of (d x)^2 by d is zero where x is.
      const zero = mapRecord(initialState(program, 0), () => 0)
      return plain(stepped(program, numbers({ ...zero, "D.parameters.d": 1 }), [{}]).outputs)["derivative"]
    }
    for (const optimizer of [(root: number) => adam(0.1, { epsilonRoot: root }), rmspropBelow]) {
      assert.isNaN(derivative(optimizer(0)))
      assert.strictEqual(derivative(optimizer(1e-16)), 0)
    }
  })

  it("refuses a loss that is not one number", () => {
    const state = {
      line: learner({ w: { shape: [2], initialiser: { kind: "constant", value: 0 } } }, sgd(0.1))
    } as const
    assert.throws(
      () => make("wide", { state, step: ({ line }) => ({ outputs: { loss: descend(line, (p) => p.w).loss } }) }),
      ShapeError
    )
  })

  it("reaches each learner's parameters alone", () => {
    const both = learner({ w: number }, sgd(0.5))
    const program = make("two of one kind", {
      state: { a: both, b: both },
      step: ({ a, b }) => {
        const step = descend(a, (p) => multiply(p.w, b.parameters.w))
        return { next: { a: step.next }, outputs: { loss: step.loss } }
      }
    })
    const { state } = stepped(program, numbers({ "a.parameters.w": 2, "b.parameters.w": 3 }), [{}])
    assert.deepStrictEqual(plain(state), { "a.parameters.w": 0.5, "b.parameters.w": 3 })
  })
})

describe("buffers of a learner", () => {
  const net = learner({ w: number, running: { mean: buffer } }, adam(0.1))

  it("are not moved by a descent whose loss they are part of, and have no place in the optimizer's state", () => {
    const program = make("buffers", {
      state: { net },
      step: ({ net }) => {
        const { next, loss, gradients } = descend(net, (p) => square(add(p.w, multiply(3, p.running.mean))))
        assert.deepStrictEqual(Object.keys(gradients), ["w"])
        return { next: { net: next }, outputs: { loss } }
      }
    })
    assert.deepStrictEqual(Object.keys(program.specs), [
      "net.parameters.w",
      "net.parameters.running.mean",
      "net.optimizer.updates",
      "net.optimizer.first.w",
      "net.optimizer.second.w"
    ])
    const start = {
      "net.parameters.w": 1,
      "net.parameters.running.mean": 5,
      "net.optimizer.updates": 0,
      "net.optimizer.first.w": 0,
      "net.optimizer.second.w": 0
    }
    const now = plain(stepped(program, numbers(start), [{}, {}]).state)
    assert.strictEqual(now["net.parameters.running.mean"], 5)
    assert.notStrictEqual(now["net.parameters.w"], 1)
  })

  it("get their next values from the step", () => {
    const program = make("statistics", {
      state: { net: learner({ w: number, running: { mean: buffer } }, sgd(1)) },
      inputs: { x: [4] },
      step: ({ net }, { x }) => {
        const { next, loss } = descend(net, (p) => mean(multiply(p.w, x)))
        const moved = add(multiply(0.5, net.parameters.running.mean), multiply(0.5, mean(x)))
        return { next: { net: withBuffers(next, { "running.mean": moved }) }, outputs: { loss } }
      }
    })
    const x = { shape: [4], values: Float64Array.of(1, 2, 3, 6) }
    const { state } = stepped(program, numbers({ "net.parameters.w": 10, "net.parameters.running.mean": 2 }), [{ x }])
    assert.deepStrictEqual(plain(state), { "net.parameters.w": 7, "net.parameters.running.mean": 2.5 })
  })

  it("are told by their paths: others are refused", () => {
    const setting = (path: string) => () =>
      make("wrong", {
        state: { net },
        step: ({ net }) => ({ next: { net: withBuffers(net, { [path]: scalar(1) }) }, outputs: {} })
      })
    assert.throws(setting("w"), RangeError, '"w" is moved by its optimizer: it is no buffer')
    for (const path of ["running", "mean", "constructor"]) {
      assert.throws(setting(path), RangeError, `there is no buffer "${path}": there are running.mean`)
    }
  })

  it("may be all that a learner has", () => {
    const program = make("all frozen", {
      state: { net: learner({ mean: buffer }, adam(0.1)) },
      step: ({ net }) => {
        const { next, loss } = descend(net, (p) => square(p.mean))
        return { next: { net: next }, outputs: { loss } }
      }
    })
    const { state } = stepped(program, numbers({ "net.parameters.mean": 3, "net.optimizer.updates": 0 }), [{}])
    assert.deepStrictEqual(plain(state), { "net.parameters.mean": 3, "net.optimizer.updates": 1 })
  })
})
