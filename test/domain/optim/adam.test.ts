import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import {
  initialise,
  isParameterSpec,
  type ParameterSpec,
  parameterPlaceholders
} from "../../../src/domain/nn/parameter.ts"
import { updatesDone } from "../../../src/domain/optim/Optimizer.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { filled } from "../../../src/domain/tensor/TensorData.ts"
import { flattenTree, type Tree } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne, type NamedNumbers } from "../../support/evaluateNamed.ts"
import { optimized, optimizerSpecs } from "../../support/optimizing.ts"
import { normals } from "../../support/randomNumbers.ts"
import { type PlainAdam, plainAdam } from "./plainAdam.ts"
import { paths, specs } from "./smallTree.ts"

const proposed = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })

/** A tree of two parameters, its Adam state and gradients as placeholders, and one update of it by path. */
const placeholders = {
  parameters: parameterPlaceholders(specs, "theta"),
  gradients: parameterPlaceholders(specs, "gradient"),
  state: parameterPlaceholders(optimizerSpecs(proposed, specs), "adam")
}
const expressionsOf = (
  settings: AdamSettings,
  before: Tree<Tensor> = placeholders.state
): Readonly<Record<string, Tensor>> => {
  const { parameters, state } = optimized(settings, placeholders.parameters, placeholders.gradients, before)
  return { ...flattenTree<Tensor>({ theta: parameters, adam: state }, isTensor) }
}

const zeroStateOf = (settings: AdamSettings): NamedNumbers =>
  Object.fromEntries(
    Object.entries(
      initialise({ adam: optimizerSpecs(settings, specs) }, 1, { mean: filled([1], 0), sample: filled([1], 0) })
    ).map(([path, { values }]) => [path, values])
  )
const zeroState = zeroStateOf(proposed)

const update = (expressions: Readonly<Record<string, Tensor>>, numbers: NamedNumbers): Record<string, Float64Array> => {
  const values = evaluateNamed(Object.values(expressions), numbers)
  return Object.fromEntries(Object.keys(expressions).map((path, i) => [path, values[i] ?? new Float64Array(0)]))
}

const gradientsAt = (seed: number, step: number, scale = 1): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(paths).map(([path, shape]) => [
      `gradient.${path}`,
      normals(seed, `gradient ${step} of ${path}`, shape, scale)
    ])
  )
const start = (seed: number): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(paths).map(([path, shape]) => [`theta.${path}`, normals(seed, path, shape)]))

const settings = fc
  .record({
    learningRate: fc.double({ min: 1e-5, max: 0.1, noNaN: true }),
    beta1: fc.double({ min: 0, max: 0.95, noNaN: true }),
    beta2: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    epsilon: fc.constantFrom(1e-8, 1e-6, 1e-3)
  })
  .map((fields) => new AdamSettings(fields))
const seeds = fc.nat({ max: 1_000_000 })

describe("adam", () => {
  it("is algorithm 1 of Kingma 2015 in plain loops, over 50 updates", () => {
    fc.assert(
      fc.property(settings, seeds, (settings, seed) => {
        const expressions = expressionsOf(settings)
        let numbers: NamedNumbers = { ...start(seed), ...zeroState }
        let expected: Record<string, PlainAdam> = Object.fromEntries(
          Object.keys(paths).map((path) => {
            const theta = Array.from(numbers[`theta.${path}`] ?? [])
            return [path, { theta, first: theta.map(() => 0), second: theta.map(() => 0) }]
          })
        )
        for (let t = 1; t <= 50; t++) {
          // Gradients of very different sizes follow one another, as they do in training.
          const gradients = gradientsAt(seed, t, 10 ** ((t % 7) - 3))
          numbers = update(expressions, { ...numbers, ...gradients })
          expected = Object.fromEntries(
            Object.entries(expected).map(([path, plain]) => [
              path,
              plainAdam(settings, plain, gradients[`gradient.${path}`] ?? [], t)
            ])
          )
        }
        assert.deepStrictEqual(Array.from(numbers["adam.updates"] ?? []), [50])
        for (const [path, { theta, first, second }] of Object.entries(expected)) {
          assertClose(numbers[`theta.${path}`] ?? [], theta, 1e-10, path)
          assertClose(numbers[`adam.first.${path}`] ?? [], first, 1e-12, `first moment of ${path}`)
          assertClose(numbers[`adam.second.${path}`] ?? [], second, 1e-12, `second moment of ${path}`)
        }
      }),
      { numRuns: 10 }
    )
  })

  it("first moves every number by the learning rate against the sign of its gradient", () => {
    fc.assert(
      fc.property(settings, seeds, (settings, seed) => {
        const before = start(seed)
        const gradients = gradientsAt(seed, 1, 100)
        const after = update(expressionsOf(settings), { ...before, ...gradients, ...zeroState })
        for (const path of Object.keys(paths)) {
          before[`theta.${path}`]?.forEach((theta, i) => {
            const g = gradients[`gradient.${path}`]?.[i] ?? Number.NaN
            const moved = (after[`theta.${path}`]?.[i] ?? Number.NaN) - theta
            // Smaller than alpha by the factor |g| / (|g| + epsilon).
            const expected = (-settings.learningRate * g) / (Math.abs(g) + settings.epsilon)
            assert.closeTo(moved / settings.learningRate, expected / settings.learningRate, 1e-6)
            if (Math.abs(g) > 1) assert.closeTo(moved / settings.learningRate, -Math.sign(g), 1e-2)
          })
        }
      })
    )
  })

  it("does not depend on the scale of the gradients while epsilon is small against them", () => {
    const tiny = new AdamSettings({ ...proposed, epsilon: 1e-30 })
    fc.assert(
      fc.property(seeds, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (seed, scale) => {
        const expressions = expressionsOf(tiny)
        let [one, other]: [NamedNumbers, NamedNumbers] = [
          { ...start(seed), ...zeroState },
          { ...start(seed), ...zeroState }
        ]
        for (let t = 1; t <= 5; t++) {
          one = update(expressions, { ...one, ...gradientsAt(seed, t) })
          other = update(expressions, { ...other, ...gradientsAt(seed, t, scale) })
        }
        for (const path of Object.keys(paths)) {
          assertClose(other[`theta.${path}`] ?? [], one[`theta.${path}`] ?? [], 1e-12)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("leaves parameters alone that never had a gradient", () => {
    const before = start(3)
    const gradients = { "gradient.weight": new Float64Array(6), "gradient.deep.bias": new Float64Array(3) }
    const after = update(expressionsOf(proposed), { ...before, ...gradients, ...zeroState })
    for (const path of Object.keys(before)) assert.deepStrictEqual(after[path], before[path])
  })

  it("keeps its bias correction after a million updates", () => {
    const numbers = { ...start(1), ...zeroState, ...gradientsAt(1, 1), "adam.updates": [1e6] }
    const after = update(expressionsOf(proposed), numbers)
    const theta = Array.from(start(1)["theta.weight"] ?? [])
    const still = theta.map(() => 0)
    const gradient = gradientsAt(1, 1)["gradient.weight"] ?? []
    const expected = plainAdam(proposed, { theta, first: still, second: still }, gradient, 1_000_001)
    assertClose(after["theta.weight"] ?? [], expected.theta, 1e-12)
  })

  it("says which path is missing when the gradients are of another tree", () => {
    const { parameters, state } = placeholders
    const gradients = { weight: placeholder("g", [2, 3]) }
    assert.throws(() => optimized(proposed, parameters, gradients, state), RangeError, /deep\.bias/)
  })
})

describe("adam with a decay", () => {
  const decays = fc.record({
    shape: fc.constantFrom("linear" as const, "cosine" as const),
    least: fc.constantFrom(0, 1e-6, 1e-2),
    updates: fc.integer({ min: 1, max: 12 })
  })

  /** The step size of update `t`, from 1. */
  const plainRate = ({ learningRate, learningRateDecay }: AdamSettings, t: number): number => {
    if (learningRateDecay === undefined) return learningRate
    const { shape, least, updates = Number.NaN } = learningRateDecay
    const done = Math.min((t - 1) / updates, 1)
    const left = shape === "linear" ? 1 - done : Math.cos((Math.PI * done) / 2) ** 2
    return least + (learningRate - least) * left
  }

  it("is algorithm 1 by a step size that falls to its least and stays there", () => {
    fc.assert(
      fc.property(settings, decays, seeds, (constant, learningRateDecay, seed) => {
        const settings = new AdamSettings({ ...constant, learningRateDecay })
        const state = parameterPlaceholders(optimizerSpecs(settings, specs), "adam")
        const expressions = expressionsOf(settings, state)
        let numbers: NamedNumbers = { ...start(seed), ...zeroStateOf(settings) }
        let plain: PlainAdam = {
          theta: Array.from(numbers["theta.weight"] ?? []),
          first: new Array(6).fill(0),
          second: new Array(6).fill(0)
        }
        for (let t = 1; t <= 15; t++) {
          const gradients = gradientsAt(seed, t)
          numbers = update(expressions, { ...numbers, ...gradients })
          const rate = { ...constant, learningRate: plainRate(settings, t) }
          plain = plainAdam(rate, plain, gradients["gradient.weight"] ?? [], t)
        }
        assertClose(numbers["theta.weight"] ?? [], plain.theta, 1e-10)
        assert.strictEqual(evaluateOne(updatesDone(state), numbers)[0], 15)
      }),
      { numRuns: 20 }
    )
  })

  it("must have a length", () => {
    const open = new AdamSettings({ ...proposed, learningRateDecay: { shape: "cosine", least: 0 } })
    assert.throws(() => optimizerSpecs(open, specs), RangeError, "optimizer.learningRateDecay.updates: missing")
  })
})

describe("adamState", () => {
  it("starts from zeros, in the shapes of the parameters, and counts no updates", () => {
    const leaves = flattenTree<ParameterSpec>(optimizerSpecs(proposed, specs), isParameterSpec)
    assert.deepStrictEqual(Object.fromEntries(Object.entries(leaves).map(([path, { shape }]) => [path, shape])), {
      updates: [],
      "first.weight": [2, 3],
      "first.deep.bias": [3],
      "second.weight": [2, 3],
      "second.deep.bias": [3]
    })
    for (const numbers of Object.values(zeroState)) assert.isTrue(Array.from(numbers).every((value) => value === 0))
  })
})

describe("AdamSettings", () => {
  const decode = Schema.decodeUnknownResult(AdamSettings)
  it.each([
    { learningRate: 0 },
    { learningRate: -1e-3 },
    { learningRate: Number.NaN },
    { learningRate: Number.POSITIVE_INFINITY },
    { beta1: 1 },
    { beta1: -0.1 },
    { beta2: 1 },
    { beta2: Number.NaN },
    { epsilon: 0 },
    { learningRateDecay: { shape: "linear", least: -1, updates: 10 } },
    { learningRateDecay: { shape: "cosine", least: 0, updates: 0 } }
  ])("refuses %o, naming the field", (bad) => {
    const result = decode({ kind: "adam", learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8, ...bad })
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.include(String(result.failure), `["${Object.keys(bad)[0]}"]`)
  })

  it("takes a beta of 0", () => {
    assert.isTrue(Result.isSuccess(decode({ kind: "adam", learningRate: 1e-3, beta1: 0, beta2: 0, epsilon: 1e-8 })))
  })
})
