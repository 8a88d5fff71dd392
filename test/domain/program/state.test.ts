import { assert, describe, it } from "@effect/vitest"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { adam } from "../../../src/domain/optim/optimizers.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { type Bound, onlyParameters, type Stateful } from "../../../src/domain/program/state.ts"
import { add, multiply, square } from "../../../src/domain/tensor/arithmetic.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { numbers, plain, stepped } from "./steps.ts"

/** A kind of state of one's own: a counter that goes round. */
interface BoundClock extends Bound {
  readonly hour: Tensor
  readonly tick: () => BoundClock
}
const boundClock = (hour: Tensor): BoundClock => ({
  _tag: "Bound",
  hour,
  tick: () => boundClock(add(hour, 1)),
  tensors: { hour }
})
const clock = (start: number): Stateful<{ readonly hour: ParameterSpec }, BoundClock> => ({
  _tag: "Stateful",
  specs: { hour: { shape: [], initialiser: { kind: "constant", value: start } } },
  bind: ({ hour }) => boundClock(hour)
})

describe("a stateful part of one's own", () => {
  const program = make("clocks", {
    state: { day: { east: clock(3), west: clock(9) } },
    step: ({ day }) => ({
      next: { day: { ...day, west: day.west.tick().tick() } },
      outputs: { twice: multiply(day.west.hour, 2) }
    })
  })

  it("is bound within a step, and its tensors are in the state by its specs' paths", () => {
    assert.deepStrictEqual(plain(initialState(program, 0)), { "day.east.hour": 3, "day.west.hour": 9 })
    const { state, outputs } = stepped(program, numbers({ "day.east.hour": 3, "day.west.hour": 9 }), [{}, {}])
    assert.deepStrictEqual(plain(state), { "day.east.hour": 3, "day.west.hour": 13 })
    assert.deepStrictEqual(plain(outputs), { twice: 22 })
  })
})

describe("the parameters alone of a learner or an average", () => {
  const weights = { w: { shape: [], initialiser: { kind: "constant", value: 3 } } } satisfies Record<"w", ParameterSpec>
  const G = learner(weights, adam(0.1))
  const training = make("training", {
    state: { G, average: ema(G, 0.5) },
    step: ({ G, average }) => {
      const { next, loss } = descend(G, (p) => square(p.w))
      return { next: { G: next, average: follow(average, next.parameters) }, outputs: { loss } }
    }
  })

  it.each([
    ["of the average", { average: onlyParameters(ema(G, 0.5)) }],
    ["of the learner that it is of, with no decay at all", { average: onlyParameters(G) }],
    ["of the learner's specs", { average: onlyParameters(weights) }]
  ] as const)("are where a sampler finds them in the training's state: %s", (_, state) => {
    const sampler = make("sampler", { state, step: ({ average }) => ({ outputs: { w: average.parameters.w } }) })
    assert.deepStrictEqual(Object.keys(sampler.specs), ["average.parameters.w"])
    const { state: trained } = stepped(training, initialState(training, 0), [{}, {}, {}])
    const { outputs } = stepped(sampler, trained, [{}])
    assert.strictEqual(plain(outputs)["w"], plain(trained)["average.parameters.w"])
  })
})
