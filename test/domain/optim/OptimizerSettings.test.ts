import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings, MomentumSettings, type OptimizerSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { isTensor, type Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, type NamedNumbers } from "../../support/evaluateNamed.ts"
import { optimized, optimizerSpecs } from "../../support/optimizing.ts"
import { normals } from "../../support/randomNumbers.ts"
import { paths, specs } from "./smallTree.ts"

const kinds = {
  adam: new AdamSettings({ kind: "adam", learningRate: 1e-2, beta1: 0.5, beta2: 0.9, epsilon: 1e-8 }),
  momentum: new MomentumSettings({
    kind: "momentum",
    learningRate: 0.1,
    decayFactor: 1.1,
    leastLearningRate: 1e-3,
    initialMomentum: 0.5,
    finalMomentum: 0.7,
    rampUpdates: 4
  })
}

const held = (settings: OptimizerSettings, maxGradientNorm: number): OptimizerSettings =>
  settings.kind === "adam"
    ? new AdamSettings({ ...settings, maxGradientNorm })
    : new MomentumSettings({ ...settings, maxGradientNorm })

/** Parameters and the optimizer's state after updates by gradients that are given one after the other, from zero. */
const course = (settings: OptimizerSettings, gradients: ReadonlyArray<NamedNumbers>): NamedNumbers => {
  const state = optimizerSpecs(settings, specs)
  const next = optimized(
    settings,
    parameterPlaceholders(specs, "theta"),
    parameterPlaceholders(specs, "gradient"),
    parameterPlaceholders(state, "state")
  )
  const expressions = flattenTree<Tensor>({ theta: next.parameters, state: next.state }, isTensor)
  let numbers: NamedNumbers = Object.fromEntries(
    Object.entries(expressions).map(([path, { shape }]) => [path, new Float64Array(shape.reduce((a, b) => a * b, 1))])
  )
  for (const given of gradients) {
    const values = evaluateNamed(Object.values(expressions), { ...numbers, ...given })
    numbers = Object.fromEntries(Object.keys(expressions).map((path, i) => [path, values[i] ?? []]))
  }
  return numbers
}

const drawn = (seed: number, scale: number): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(paths).map(([path, shape]) => [`gradient.${path}`, normals(seed, path, shape, scale)])
  )

const normOf = (gradients: NamedNumbers): number =>
  Math.hypot(...Object.values(gradients).flatMap((numbers) => Array.from(numbers)))

describe.each(Object.entries(kinds))("maxGradientNorm of %s", (_, settings) => {
  const seeds = fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.constantFrom(1e-3, 1, 1e3)), {
    minLength: 1,
    maxLength: 4
  })

  it("lets an update see a longer gradient as one of that norm, and a shorter one as it is", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.1, max: 10, noNaN: true }), (draws, limit) => {
        const gradients = draws.map(([seed, scale]) => drawn(seed, scale))
        const shortened = gradients.map((given) => {
          const factor = Math.min(1, limit / normOf(given))
          return Object.fromEntries(Object.entries(given).map(([path, g]) => [path, g.map((x) => x * factor)]))
        })
        const clipped = course(held(settings, limit), gradients)
        for (const [path, expected] of Object.entries(course(settings, shortened))) {
          assertClose(clipped[path] ?? [], expected, 1e-9, path)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("keeps the state, and so the checkpoints, of the same optimizer without it", () => {
    assert.deepStrictEqual(optimizerSpecs(held(settings, 1), specs), optimizerSpecs(settings, specs))
  })
})
