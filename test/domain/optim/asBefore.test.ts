import { describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { initialise, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/adam.ts"
import { MomentumSettings } from "../../../src/domain/optim/momentum.ts"
import { chain, type Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { type OptimizerSettings, optimize, optimizerState } from "../../../src/domain/optim/OptimizerSettings.ts"
import { adam, momentum } from "../../../src/domain/optim/optimizers.ts"
import { linear } from "../../../src/domain/optim/schedule.ts"
import { maxColumnNorm } from "../../../src/domain/optim/transforms.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { maximum } from "../../../src/domain/tensor/comparison.ts"
import { exp } from "../../../src/domain/tensor/elementwise.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, type NamedNumbers } from "../../support/evaluateNamed.ts"
import { course, drawn, gradientsOf, type Moment, specsFor } from "./course.ts"

// The optimizers of settings, as they were before transformations: the numbers of every published run.
const shapes = { weight: [2, 3], bias: [3] } as const

const before = (settings: OptimizerSettings, seed: number, steps: number): ReadonlyArray<Moment> => {
  const specs = specsFor(shapes)
  const state = optimizerState(settings, specs)
  const step = optimize(
    settings,
    parameterPlaceholders(specs, "theta"),
    parameterPlaceholders(specs, "gradient"),
    parameterPlaceholders(state, "state")
  )
  const roots = flattenTree({ theta: step.parameters, state: step.state }, isTensor)
  const theta = Object.fromEntries(
    Object.entries(drawn(seed, "start", shapes)).map(([path, x]) => [`theta.${path}`, x])
  )
  let numbers: NamedNumbers = { ...theta, ...mapRecord(initialise({ state }, 0), ({ values }) => values) }
  return gradientsOf(seed, steps, shapes).map((gradient) => {
    const given = Object.fromEntries(Object.entries(gradient).map(([path, g]) => [`gradient.${path}`, g]))
    const values = evaluateNamed(Object.values(roots), { ...numbers, ...given })
    numbers = Object.fromEntries(Object.keys(roots).map((path, i) => [path, values[i] ?? new Float64Array(0)]))
    const under = (prefix: string) =>
      Object.fromEntries(
        Object.entries(numbers).flatMap(([path, x]) =>
          path.startsWith(prefix) ? [[path.slice(prefix.length), x]] : []
        )
      )
    return { parameters: under("theta."), state: under("state.") }
  })
}

const assertSame = (optimizer: Optimizer, settings: OptimizerSettings, seed: number): void => {
  const expected = before(settings, seed, 12)
  course(optimizer, drawn(seed, "start", shapes), gradientsOf(seed, 12, shapes), shapes).forEach((moment, t) => {
    const wanted = { ...expected[t]?.parameters, ...expected[t]?.state }
    const actual = { ...moment.parameters, ...moment.state }
    for (const [path, values] of Object.entries(wanted))
      assertClose(actual[path] ?? [], values, 1e-12, `${path} after ${t + 1}`)
  })
}

const seeds = fc.nat({ max: 1_000_000 })
const share = fc.double({ min: 0, max: 0.95, noNaN: true })
const rates = fc.double({ min: 1e-5, max: 1, noNaN: true })

describe("the optimizers of settings", () => {
  it("are `adam` to the rounding, state and its paths included", () => {
    fc.assert(
      fc.property(rates, share, share, seeds, (learningRate, beta1, beta2, seed) => {
        const settings = new AdamSettings({ learningRate, beta1, beta2, epsilon: 1e-8 })
        assertSame(adam(learningRate, { beta1, beta2 }), settings, seed)
      }),
      { numRuns: 20 }
    )
  })

  it("are `momentum` with its two schedules, and `maxColumnNorm` behind it", () => {
    fc.assert(
      fc.property(
        rates,
        share,
        share,
        fc.option(fc.constantFrom(0.2, 1), { nil: undefined }),
        seeds,
        (rate, from, to, norm, seed) => {
          const [decayFactor, least, rampUpdates] = [1.1, rate / 2, 7]
          const settings = new MomentumSettings({
            kind: "momentum",
            learningRate: rate,
            decayFactor,
            leastLearningRate: least,
            initialMomentum: from,
            finalMomentum: to,
            rampUpdates,
            ...(norm === undefined ? {} : { maxColumnNorm: norm })
          })
          const free = momentum(
            (t) => maximum(multiply(rate, exp(multiply(t, -Math.log(decayFactor)))), least),
            linear(from, to, rampUpdates)
          )
          assertSame(norm === undefined ? free : chain(free, maxColumnNorm(norm)), settings, seed)
        }
      ),
      { numRuns: 20 }
    )
  })
})
