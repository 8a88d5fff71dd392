import { assert, describe, it } from "@effect/vitest"
import { type Linear, linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { counter } from "../../../src/domain/optim/Optimizer.ts"
import { adam } from "../../../src/domain/optim/optimizers.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { type BoundLearner, descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { reshape, size, take } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import type { Shape } from "../../../src/domain/tensor/Shape.ts"
import { scalar, zeros } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"
import { numbers, plain, stepped } from "./steps.ts"

const number: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 1 } }
const pair: ParameterSpec = { shape: [2], initialiser: { kind: "normal", standardDeviation: 1 } }

/** Least squares with noise on its inputs, an average, and a count that nothing moves. */
const line = make("line", {
  state: {
    line: learner(linearParameters(2, 1), adam(0.1)),
    average: ema(linearParameters(2, 1), 0.5),
    deep: { count: counter, still: pair }
  },
  inputs: { x: [8, 2], y: [8, 1] },
  step: ({ line, average, deep }, { x, y }, key) => {
    const noisy = add(x, multiply(0.1, key("noise").normal([size(x, 0), 2])))
    const { next, loss, gradients } = descend(line, (p) => mean(square(subtract(linear(p, noisy), y))))
    return {
      next: {
        line: next,
        average: follow(average, next.parameters),
        deep: { ...deep, count: add(deep.count, 1) }
      },
      outputs: { loss, slope: mean(gradients["weight"] ?? scalar(Number.NaN)) }
    }
  }
})

const batches = [0, 1, 2, 3].map((step) => ({
  x: tensorData([8, 2], normals(step, "x", [8, 2])),
  y: tensorData([8, 1], normals(step, "y", [8, 1]))
}))

describe("a program from a function", () => {
  it("leaves what its next state leaves out as it is", () => {
    const begin = initialState(line, 3)
    const { state } = stepped(line, begin, batches)
    assert.deepStrictEqual(plain(state)["deep.still"], plain(begin)["deep.still"])
    assert.strictEqual(plain(state)["deep.count"], 4)
    assert.notDeepEqual(plain(state)["line.parameters.weight"], plain(begin)["line.parameters.weight"])
    const sampler = make("sampler", {
      state: { w: pair },
      step: ({ w }) => ({ outputs: { w: multiply(w, 2) } })
    })
    const held = numbers({ w: [1, 2] })
    const { state: same, outputs } = stepped(sampler, held, [{}, {}])
    assert.deepStrictEqual([plain(same), plain(outputs)], [{ w: [1, 2] }, { w: [2, 4] }])
  })

  it("computes the same on shards of its batch", () => {
    const begin = initialState(line, 3)
    const whole = stepped(line, begin, batches)
    for (const count of [1, 2, 4, 8]) {
      const program = line.onShards(count)
      assert.deepStrictEqual([program.batchSize, program.specs], [8, line.specs])
      const shared = stepped(program, begin, batches)
      const expected = Object.entries({ ...whole.state, ...whole.outputs })
      for (const [path, { values }] of expected) {
        const actual = { ...shared.state, ...shared.outputs }[path]
        assertClose(actual?.values ?? [], values, 1e-12, `${path} on ${count} shards`)
      }
    }
  })

  /** Two steps in an update, each on half of the examples with latents of its own, as a critic's are. */
  const critic = (isPart: boolean) =>
    make("critic", {
      state: { D: learner(linearParameters(2, 1), adam(0.1)) },
      inputs: { x: [8, 2] },
      step: ({ D }, { x }, key) => {
        const part = size(x, 0) / 2
        const pairs = reshape(x, [part, 2, 2])
        const stepOn = (D: BoundLearner<Linear<ParameterSpec>>, i: number) => {
          const z = key("z")(`step ${i}`).normal([part, 2], isPart ? { examples: part } : {})
          const t = key("t")(`step ${i}`).uniform([part, 1], isPart ? { examples: part } : {})
          const mask = key("mask")(`step ${i}`).bernoulli(0.5, [part, 1], isPart ? { examples: part } : {})
          const between = multiply(mask, add(take(pairs, 1, i), multiply(t, subtract(z, take(pairs, 1, i)))))
          return descend(D, (p) => mean(square(subtract(linear(p, between), 1))))
        }
        const first = stepOn(D, 0)
        const second = stepOn(first.next, 1)
        return { next: { D: second.next }, outputs: { first: first.loss, second: second.loss } }
      }
    })

  it("that draws for a part of its examples says how many, and computes the same on shards", () => {
    const inputs = batches.map(({ x }) => ({ x }))
    const begin = initialState(critic(true), 3)
    const whole = stepped(critic(true), begin, inputs)
    assert.deepStrictEqual(whole, stepped(critic(false), begin, inputs))
    for (const count of [2, 4]) {
      const shared = stepped(critic(true).onShards(count), begin, inputs)
      for (const [path, { values }] of Object.entries({ ...whole.state, ...whole.outputs })) {
        const actual = { ...shared.state, ...shared.outputs }[path]
        assertClose(actual?.values ?? [], values, 1e-12, `${path} on ${count} shards`)
      }
    }
    assert.throws(
      () => critic(false).onShards(2),
      ProgramError,
      /critic: noise stream ".*step [01]" \[2, [12]\] does not hold 4 examples.*for a part of them say how many: \{ examples \}/
    )
  })

  it("has no other numbers of shards than divide its batch", () => {
    for (const count of [3, 16, 0, -2, 1.6, Number.NaN]) {
      assert.throws(() => line.onShards(count), RangeError, `a batch of 8 cannot be divided among ${count} shards`)
    }
    const alone = make("alone", { state: { w: pair }, step: ({ w }) => ({ outputs: { w } }) })
    assert.strictEqual(alone.batchSize, undefined)
    assert.throws(
      () => alone.onShards(2),
      RangeError,
      "alone has no inputs: there is no batch to divide among 2 shards"
    )
    assert.deepStrictEqual(Object.keys(alone.onShards(1).state), ["w"])
  })

  it("that takes the size of its batch for granted is told so on shards", () => {
    const program = make("fixed", {
      state: { w: pair },
      inputs: { x: [8, 2] },
      step: ({ w }, { x }) => ({ outputs: { loss: mean(multiply(add(x, zeros([8, 2])), w)) } })
    })
    assert.throws(
      () => program.onShards(2),
      ProgramError,
      "fixed: each of 2 shards has 4 examples, and sizes are to be taken from the inputs: size(x, 0); add of [4, 2] and [8, 2]"
    )
  })

  it("begins as a pure function of the seed and the paths", () => {
    assert.deepStrictEqual(initialState(line, 3), initialState(line, 3))
    assert.notDeepEqual(initialState(line, 3)["deep.still"], initialState(line, 4)["deep.still"])
    const [a, more] = [
      make("a", { state: { w: pair }, step: ({ w }) => ({ outputs: { w } }) }),
      make("b", { state: { another: { ...pair }, w: pair }, step: ({ w }) => ({ outputs: { w } }) })
    ]
    assert.deepStrictEqual(initialState(a, 1)["w"], initialState(more, 1)["w"])
    assert.notDeepEqual(initialState(more, 1)["w"], initialState(more, 1)["another"])
    assert.deepStrictEqual(initialState(line, 3)["line.optimizer.updates"], tensorData([], Float32Array.of(0)))
  })
})

describe("a program that contradicts itself", () => {
  const outputs = { one: scalar(1) }

  it("may not have next parts that its state has not, or in another shape", () => {
    const state = { w: pair, deep: { v: number } }
    assert.throws(
      // @ts-expect-error: the state has no "u"
      () => make("p", { state, step: ({ w }) => ({ next: { u: w }, outputs }) }),
      ProgramError,
      'p: the next state has "u", which the state has not'
    )
    assert.throws(
      () => make("p", { state, step: () => ({ next: { w: zeros([3]) }, outputs }) }),
      ProgramError,
      'p: state "w" has shape [2], but its next value [3]'
    )
    assert.throws(
      // @ts-expect-error: a part is given whole
      () => make("p", { state, step: () => ({ next: { deep: {} }, outputs }) }),
      ProgramError,
      'p: the next state lacks "deep.v"'
    )
    assert.throws(
      // @ts-expect-error: a number is no tensor
      () => make("p", { state, step: () => ({ next: { deep: { v: 3 } }, outputs }) }),
      TypeError,
      'the next state holds tensors, learners and records of them; "deep.v" is 3'
    )
  })

  it("may not have two tensors by one path", () => {
    const state = { "a.b": number, a: { b: number } }
    assert.throws(
      () => make("p", { state, step: () => ({ outputs }) }),
      TypeError,
      'two leaves of a tree have the path "a.b"'
    )
    assert.throws(
      () => make("p", { state: { x: number }, inputs: { x: [2] }, step: () => ({ outputs }) }),
      ProgramError,
      'p: state "x" and input "x" are both the placeholder "x"'
    )
  })

  it("may not have inputs that differ in the batch, or have none", () => {
    assert.throws(
      () => make("p", { state: {}, inputs: { x: [4, 2], y: [5, 1] }, step: () => ({ outputs }) }),
      ProgramError,
      'p: the inputs "x" and "y" hold 4 and 5 examples'
    )
    const wrong: ReadonlyArray<Readonly<Record<string, Shape>>> = [{ x: [] }, { y: [3], x: [] }, { x: [], y: [3] }]
    for (const inputs of wrong) {
      assert.throws(
        () => make("p", { state: {}, inputs, step: () => ({ outputs }) }),
        ProgramError,
        'p: the input "x" has no axis; the first axis of an input counts the examples of a batch'
      )
    }
  })

  it("may not keep anything but specs, learners and records of them", () => {
    const making = (state: { readonly deep: { readonly w: never } }) => () =>
      make("p", { state, step: () => ({ outputs }) })
    const wrong = [
      [3, "3"],
      [undefined, "undefined"],
      ["weight", "weight"],
      [[number], "[object Object]"]
    ] as const
    for (const [w, shown] of wrong) {
      // @ts-expect-error: it is no spec
      const make = making({ deep: { w } })
      assert.throws(
        make,
        TypeError,
        `a program's state holds parameter specs, learners and records of them; "deep.w" is ${shown}`
      )
    }
  })

  it("has steps that give outputs, which are tensors", () => {
    const steps = [
      [() => undefined, "its step must give { next, outputs }"],
      [() => ({ next: {} }), "its step must give { next, outputs }"],
      [() => ({ outputs: { loss: "3" } }), 'the output "loss" is 3, not a tensor']
    ] as const
    for (const [step, problem] of steps) {
      // @ts-expect-error: a module without types may give anything
      assert.throws(() => make("p", { state: { w: pair }, step }), ProgramError, problem)
    }
  })

  it("may not compute nothing", () => {
    assert.throws(
      () => make("p", { state: { w: pair }, step: () => ({ outputs: {} }) }),
      ProgramError,
      "computes nothing"
    )
  })
})
