import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { leafAt } from "../../../src/domain/optim/Optimizer.ts"
import { MomentumSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { maxColumnNorm } from "../../../src/domain/optim/transforms.ts"
import { add } from "../../../src/domain/tensor/arithmetic.ts"
import { placeholder, zeros } from "../../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, type NamedNumbers } from "../../support/evaluateNamed.ts"
import { optimized, optimizerSpecs } from "../../support/optimizing.ts"
import { normals } from "../../support/randomNumbers.ts"
import { type PlainMomentum, plainMomentum, plainSchedules } from "./plainMomentum.ts"
import { paths, specs } from "./smallTree.ts"

/** Goodfellow's. */
const published = new MomentumSettings({
  kind: "momentum",
  learningRate: 0.1,
  decayFactor: 1.000004,
  leastLearningRate: 1e-6,
  initialMomentum: 0.5,
  finalMomentum: 0.7,
  rampUpdates: 249 * 500
})

const placeholders = {
  parameters: parameterPlaceholders(specs, "theta"),
  gradients: parameterPlaceholders(specs, "gradient"),
  state: parameterPlaceholders(optimizerSpecs(published, specs), "momentum")
}

const atRest: NamedNumbers = {
  "momentum.updates": [0],
  "momentum.velocity.weight": new Float64Array(6),
  "momentum.velocity.deep.bias": new Float64Array(3)
}

/** An update by these settings, from numbers by path to the numbers that it changes. */
const updateOf = (settings: MomentumSettings): ((numbers: NamedNumbers) => Record<string, Float64Array>) => {
  const { parameters, state } = optimized(settings, placeholders.parameters, placeholders.gradients, placeholders.state)
  const expressions = flattenTree<Tensor>({ theta: parameters, momentum: state }, isTensor)
  return (numbers) => {
    const values = evaluateNamed(Object.values(expressions), numbers)
    return Object.fromEntries(Object.keys(expressions).map((path, i) => [path, values[i] ?? new Float64Array(0)]))
  }
}

const drawn = (seed: number, prefix: string, scale = 1): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(paths).map(([path, shape]) => [
      `${prefix.split(" ")[0]}.${path}`,
      normals(seed, `${prefix} ${path}`, shape, scale)
    ])
  )

const settings = fc
  .record(
    {
      learningRate: fc.double({ min: 1e-3, max: 1, noNaN: true }),
      decayFactor: fc.double({ min: 1, max: 1.2, noNaN: true }),
      leastLearningRate: fc.constantFrom(1e-6, 1e-2, 0.5),
      initialMomentum: fc.double({ min: 0, max: 0.95, noNaN: true }),
      finalMomentum: fc.double({ min: 0, max: 0.95, noNaN: true }),
      rampUpdates: fc.integer({ min: 1, max: 40 }),
      maxColumnNorm: fc.double({ min: 0.1, max: 3, noNaN: true })
    },
    {
      requiredKeys: [
        "learningRate",
        "decayFactor",
        "leastLearningRate",
        "initialMomentum",
        "finalMomentum",
        "rampUpdates"
      ]
    }
  )
  .map((fields) => new MomentumSettings({ kind: "momentum", ...fields }))
const seeds = fc.nat({ max: 1_000_000 })

describe("momentum", () => {
  it("is the rule in plain loops over 30 updates, schedules and bounded columns included", () => {
    fc.assert(
      fc.property(settings, seeds, (settings, seed) => {
        const update = updateOf(settings)
        let numbers: NamedNumbers = { ...drawn(seed, "theta"), ...atRest }
        let expected: Record<string, PlainMomentum> = Object.fromEntries(
          Object.keys(paths).map((path) => {
            const theta = Array.from(numbers[`theta.${path}`] ?? [])
            return [path, { theta, velocity: theta.map(() => 0) }]
          })
        )
        for (let t = 1; t <= 30; t++) {
          const gradients = drawn(seed, `gradient ${t}`)
          numbers = update({ ...numbers, ...gradients })
          expected = Object.fromEntries(
            Object.entries(expected).map(([path, plain]) => [
              path,
              plainMomentum(settings, plain, gradients[`gradient.${path}`] ?? [], t, path === "weight" ? 3 : undefined)
            ])
          )
        }
        assert.deepStrictEqual(Array.from(numbers["momentum.updates"] ?? []), [30])
        for (const [path, { theta, velocity }] of Object.entries(expected)) {
          assertClose(numbers[`theta.${path}`] ?? [], theta, 1e-8, path)
          assertClose(numbers[`momentum.velocity.${path}`] ?? [], velocity, 1e-8, `velocity of ${path}`)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("first moves every number by the learning rate times its gradient: twice the gradient, twice as far", () => {
    const update = updateOf(published)
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, scale) => {
        const start = { ...drawn(seed, "theta"), ...atRest }
        const gradients = drawn(seed, "gradient", scale)
        const after = update({ ...start, ...gradients })
        for (const path of Object.keys(paths)) {
          const theta = drawn(seed, "theta")[`theta.${path}`] ?? new Float64Array(0)
          const expected = theta.map((value, i) => value - 0.1 * (gradients[`gradient.${path}`]?.[i] ?? Number.NaN))
          assertClose(after[`theta.${path}`] ?? [], expected, 1e-12, path)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("under a steady gradient comes to steps of alpha / (1 - mu)", () => {
    const steady = new MomentumSettings({ ...published, decayFactor: 1, finalMomentum: 0.5 })
    const update = updateOf(steady)
    let numbers: NamedNumbers = { ...drawn(1, "theta"), ...atRest }
    const gradients = drawn(1, "gradient")
    for (let t = 0; t < 60; t++) numbers = update({ ...numbers, ...gradients })
    const expected = Array.from(gradients["gradient.weight"] ?? [], (g) => (-0.1 * g) / (1 - 0.5))
    assertClose(numbers["momentum.velocity.weight"] ?? [], expected, 1e-12)
  })

  it.each([0, 1, 500, 249 * 500, 400 * 500, 5_000_000])("has the published schedules after %i updates", (done) => {
    const numbers: NamedNumbers = {
      ...drawn(2, "theta"),
      ...drawn(2, "gradient"),
      "momentum.updates": [done],
      "momentum.velocity.weight": Float64Array.of(1, 1, 1, 1, 1, 1),
      "momentum.velocity.deep.bias": new Float64Array(3)
    }
    // In closed form beside the loop of the plain rule, which would take long here.
    const alpha = Math.max(0.1 / 1.000004 ** done, 1e-6)
    const mu = 0.5 + 0.2 * Math.min(done / (249 * 500), 1)
    const expected = Array.from(numbers["gradient.weight"] ?? [], (g) => mu - alpha * g)
    assertClose(updateOf(published)(numbers)["momentum.velocity.weight"] ?? [], expected, 1e-12)
    if (done < 1000) {
      const [plainAlpha, plainMu] = plainSchedules(published, done + 1)
      assert.closeTo(plainAlpha, alpha, 1e-12)
      assert.closeTo(plainMu, mu, 1e-12)
    }
  })

  it("says which path is missing when the gradients are of another tree", () => {
    const { parameters, state } = placeholders
    const gradients = { weight: placeholder("g", [2, 3]) }
    assert.throws(() => optimized(published, parameters, gradients, state), RangeError, /deep\.bias/)
  })
})

describe("maxColumnNorm", () => {
  /** The parameter after no update but what holds it to the norm. */
  const heldTo = (greatest: number, parameter: Tensor): Tensor => {
    const still = { W: zeros(parameter.shape) }
    return add(parameter, leafAt(maxColumnNorm(greatest).update(still, {}, { W: parameter }).updates, "W"))
  }
  const weight = placeholder("W", [4, 3])
  const norms = (values: ArrayLike<number>): ReadonlyArray<number> =>
    [0, 1, 2].map((column) => Math.hypot(...[0, 1, 2, 3].map((row) => values[3 * row + column] ?? Number.NaN)))

  it("holds every column to the norm, leaves shorter ones as they are, keeps directions, and twice is once", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.1, max: 4, noNaN: true }), (seed, greatest) => {
        const W = normals(seed, "W", [4, 3])
        const expression = heldTo(greatest, weight)
        const [held = new Float64Array(0)] = evaluateNamed([expression], { W })
        const [again = new Float64Array(0)] = evaluateNamed([expression], { W: held })
        const before = norms(W)
        norms(held).forEach((norm, column) => {
          assert.closeTo(norm, Math.min(before[column] ?? Number.NaN, greatest), 1e-12)
        })
        held.forEach((value, i) => {
          const factor = Math.min(1, greatest / (before[i % 3] ?? Number.NaN))
          assert.closeTo(value, (W[i] ?? Number.NaN) * factor, 1e-12)
        })
        assertClose(again, held, 1e-12)
      })
    )
  })

  it("leaves a column of zeros zeros, and biases as they are", () => {
    const [held] = evaluateNamed([heldTo(1, weight)], { W: new Float64Array(12) })
    assert.deepStrictEqual(Array.from(held ?? []), Array.from(new Float64Array(12)))
    const bias = placeholder("b", [3])
    const update = { b: zeros([3]) }
    assert.strictEqual(maxColumnNorm(1).update(update, {}, { b: bias }).updates["b"], update.b)
  })
})

describe("MomentumSettings", () => {
  const decode = Schema.decodeUnknownResult(MomentumSettings)
  it.each([
    { learningRate: 0 },
    { learningRate: Number.NaN },
    { decayFactor: 0.9 },
    { leastLearningRate: -1 },
    { initialMomentum: 1 },
    { finalMomentum: -0.1 },
    { rampUpdates: 0 },
    { rampUpdates: 1.5 },
    { maxColumnNorm: 0 }
  ])("refuses %o, naming the field", (bad) => {
    const result = decode({ ...published, ...bad })
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.include(String(result.failure), `["${Object.keys(bad)[0]}"]`)
  })
})
