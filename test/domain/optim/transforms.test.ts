import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { chain, type Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, adamw, lion, momentum, nesterov, rmsprop, sgd } from "../../../src/domain/optim/optimizers.ts"
import { linear } from "../../../src/domain/optim/schedule.ts"
import {
  addDecayedWeights,
  ascend,
  clip,
  clipByGlobalNorm,
  globalNorm,
  maxColumnNorm,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  scaleBySchedule,
  trace
} from "../../../src/domain/optim/transforms.ts"
import { placeholder, scalar } from "../../../src/domain/tensor/source.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { course, drawn, gradientsOf, type Numbers, shapes } from "./course.ts"

/** The update of one number, from its gradient and value; `t` counts updates from 1. It may remember. */
type Entry = (g: number, theta: number, t: number) => number

/** Where plain loops take the parameters, each number with a rule of its own. */
const plainCourse = (entry: () => Entry, start: Numbers, gradients: ReadonlyArray<Numbers>): ReadonlyArray<Numbers> => {
  const rules = new Map<string, Entry>()
  const ruleOf = (name: string): Entry => {
    const rule = rules.get(name) ?? entry()
    rules.set(name, rule)
    return rule
  }
  let theta = start
  return gradients.map((gradient, t) => {
    theta = Object.fromEntries(
      Object.entries(theta).map(([path, values]) => [
        path,
        Array.from(values, (x, i) => x + ruleOf(`${path} ${i}`)(gradient[path]?.[i] ?? Number.NaN, x, t + 1))
      ])
    )
    return theta
  })
}

const share = fc.double({ min: 0, max: 0.999, noNaN: true })
const positive = fc.double({ min: 1e-3, max: 2, noNaN: true })
const seeds = fc.nat({ max: 1_000_000 })

const adamRule =
  (b1: number, b2: number, epsilon: number, epsilonRoot = 0): (() => Entry) =>
  () => {
    let [m, v] = [0, 0]
    return (g, _, t) => {
      m = b1 * m + (1 - b1) * g
      v = b2 * v + (1 - b2) * g * g
      return m / (1 - b1 ** t) / (Math.sqrt(v / (1 - b2 ** t) + epsilonRoot) + epsilon)
    }
  }

const rmsRule =
  (decay: number, epsilon: number): (() => Entry) =>
  () => {
    let v = 0
    return (g) => {
      v = decay * v + (1 - decay) * g * g
      return g / (Math.sqrt(v) + epsilon)
    }
  }

const traceRule =
  (mu: number, nesterov: boolean): (() => Entry) =>
  () => {
    let v = 0
    return (g) => {
      v = mu * v + g
      return nesterov ? mu * v + g : v
    }
  }

const lionRule =
  (b1: number, b2: number): (() => Entry) =>
  () => {
    let m = 0
    return (g) => {
      const u = Math.sign(b1 * m + (1 - b1) * g)
      m = b2 * m + (1 - b2) * g
      return u
    }
  }

/** Each rule of the library with the same in plain numbers, made of two shares, a positive number and an epsilon. */
const rules: Readonly<
  Record<string, (a: number, b: number, c: number) => readonly [optimizer: Optimizer, plain: () => Entry]>
> = {
  scaleByAdam: (beta1, beta2, epsilon) => [scaleByAdam({ beta1, beta2, epsilon }), adamRule(beta1, beta2, epsilon)],
  "scaleByAdam, with a number below the root": (beta1, beta2, epsilonRoot) => [
    scaleByAdam({ beta1, beta2, epsilonRoot }),
    adamRule(beta1, beta2, 1e-8, epsilonRoot)
  ],
  scaleByRms: (decay, _, epsilon) => [scaleByRms(decay, epsilon), rmsRule(decay, epsilon)],
  "trace, heavy ball": (mu) => [trace(mu), traceRule(mu, false)],
  "trace, Nesterov's": (mu) => [trace(mu, true), traceRule(mu, true)],
  scaleByLion: (beta1, beta2) => [scaleByLion(beta1, beta2), lionRule(beta1, beta2)],
  clip: (_, __, limit) => [clip(limit), () => (g) => Math.min(Math.max(g, -limit), limit)],
  addDecayedWeights: (decay) => [addDecayedWeights(decay), () => (g, theta) => g + decay * theta],
  ascend: () => [ascend, () => (g) => -g],
  "scaleBySchedule, a number": (factor) => [scaleBySchedule(factor), () => (g) => factor * g],
  "scaleBySchedule, a line": (from, to) => [
    scaleBySchedule(linear(from, to, 4)),
    () => (g, _, t) => g * (from + (to - from) * Math.min((t - 1) / 4, 1))
  ],
  sgd: (_, __, rate) => [sgd(rate), () => (g) => -rate * g],
  "adam, the rate a line": (beta1, beta2, rate) => [
    adam(linear(rate, 0, 6), { beta1, beta2 }),
    () => {
      const u = adamRule(beta1, beta2, 1e-8)()
      return (g, theta, t) => -rate * (1 - Math.min((t - 1) / 6, 1)) * u(g, theta, t)
    }
  ],
  adamw: (beta1, decay, rate) => [
    adamw(rate, decay, { beta1 }),
    () => {
      const u = adamRule(beta1, 0.999, 1e-8)()
      return (g, theta, t) => -rate * (u(g, theta, t) + decay * theta)
    }
  ],
  rmsprop: (decay, epsilon, rate) => [
    rmsprop(rate, decay, epsilon + 1e-6),
    () => {
      const u = rmsRule(decay, epsilon + 1e-6)()
      return (g, theta, t) => -rate * u(g, theta, t)
    }
  ],
  lion: (beta1, decay, rate) => [
    lion(rate, decay, beta1),
    () => {
      const u = lionRule(beta1, 0.99)()
      return (g, theta, t) => -rate * (u(g, theta, t) + decay * theta)
    }
  ],
  nesterov: (mu, _, rate) => [
    nesterov(rate, mu),
    () => {
      const u = traceRule(mu, true)()
      return (g, theta, t) => -rate * u(g, theta, t)
    }
  ],
  "momentum, which follows a line as the rate does": (mu, to, rate) => [
    momentum(linear(rate, 0, 5), linear(mu, to, 3)),
    () => {
      let v = 0
      return (g, _, t) => {
        const now = mu + (to - mu) * Math.min((t - 1) / 3, 1)
        v = now * v - rate * (1 - Math.min((t - 1) / 5, 1)) * g
        return v
      }
    }
  ]
}

describe("an optimizer's updates", () => {
  it.each(Object.entries(rules))("are those of its formula in plain loops: %s", (_, rule) => {
    fc.assert(
      fc.property(share, share, positive, seeds, (a, b, c, seed) => {
        const [optimizer, plain] = rule(a, b, c)
        const [start, gradients] = [drawn(seed, "start"), gradientsOf(seed, 8)]
        const expected = plainCourse(plain, start, gradients)
        course(optimizer, start, gradients).forEach(({ parameters }, t) => {
          for (const path of Object.keys(shapes)) {
            assertClose(parameters[path] ?? [], expected[t]?.[path] ?? [], 1e-9, `${path} after ${t + 1} updates`)
          }
        })
      }),
      { numRuns: 15 }
    )
  })

  it("stay finite where every gradient is zero", () => {
    const zeros = Object.fromEntries(
      Object.entries(drawn(0, "start")).map(([path, x]) => [path, Array.from(x, () => 0)])
    )
    const start = drawn(0, "start")
    for (const optimizer of [
      chain(clipByGlobalNorm(1), adam(0.1)),
      rmsprop(0.1),
      lion(0.1),
      nesterov(0.1),
      momentum(0.1)
    ]) {
      for (const { parameters } of course(optimizer, start, [zeros, zeros])) assert.deepStrictEqual(parameters, start)
    }
  })
})

const flat = (numbers: Numbers): ReadonlyArray<number> => Object.values(numbers).flatMap((values) => Array.from(values))

describe("clipByGlobalNorm", () => {
  it("makes all gradients shorter by one factor, to the limit, and leaves shorter ones as they are", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.01, max: 10, noNaN: true }), (seed, limit) => {
        const gradient = drawn(seed, "gradient")
        const norm = Math.hypot(...flat(gradient))
        const zero = Object.fromEntries(Object.entries(gradient).map(([path, g]) => [path, Array.from(g, () => 0)]))
        const [moment] = course(clipByGlobalNorm(limit), zero, [gradient])
        assertClose(
          flat(moment?.parameters ?? {}),
          flat(gradient).map((g) => g * Math.min(1, limit / norm)),
          1e-12
        )
      })
    )
  })

  it("measures by globalNorm, the Euclidean norm of all numbers together", () => {
    const norm = globalNorm({ a: placeholder("a", [2]), b: scalar(12) })
    assertClose(evaluateOne(norm, { a: [3, 4] }), [13], 1e-12)
  })
})

describe("maxColumnNorm", () => {
  it("ends each column of a matrix within the norm, in the direction that it would have, and leaves the others to themselves", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.1, max: 3, noNaN: true }), (seed, greatest) => {
        const [start, gradients] = [drawn(seed, "start"), gradientsOf(seed, 1)]
        const [free] = course(sgd(0.5), start, gradients)
        const [held] = course(chain(scaleByLearningRate(0.5), maxColumnNorm(greatest)), start, gradients)
        const columnsOf = (values: ArrayLike<number>) =>
          [0, 1, 2].map((column) => [values[column] ?? Number.NaN, values[column + 3] ?? Number.NaN])
        const expected = columnsOf(free?.parameters["weight"] ?? []).map((column) => {
          const norm = Math.hypot(...column)
          return column.map((x) => (norm > greatest ? (x * greatest) / norm : x))
        })
        assertClose(columnsOf(held?.parameters["weight"] ?? []).flat(), expected.flat(), 1e-12)
        assertClose(held?.parameters["rnn.bias"] ?? [], free?.parameters["rnn.bias"] ?? [], 1e-12)
        assertClose(held?.parameters["rnn2"] ?? [], free?.parameters["rnn2"] ?? [], 1e-12)
      }),
      { numRuns: 30 }
    )
  })
})

describe("a rate that is not a finite number", () => {
  const makers: Readonly<Record<string, (rate: number) => Optimizer>> = {
    sgd,
    adam,
    adamw,
    rmsprop,
    lion,
    nesterov,
    momentum,
    scaleByLearningRate
  }
  it.each(Object.entries(makers))("is refused by %s when it is made, with what was given", (_, make) => {
    for (const rate of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => make(rate), RangeError, `the learning rate is ${rate}, which is not a finite number`)
    }
  })

  it("is told from a scale and a momentum that are not", () => {
    assert.throws(() => scaleBySchedule(Number.NaN), RangeError, "the scale is NaN, which is not a finite number")
    assert.throws(() => momentum(0.1, Number.NaN), RangeError, "the momentum is NaN, which is not a finite number")
  })
})

describe("settings outside of their bounds", () => {
  const share = (what: string, given: number) => `${what} lies in [0, 1), and is given as ${given}`
  const positive = (what: string, given: number) => `${what} is a positive number, and is given as ${given}`
  it.each<readonly [message: string, () => Optimizer]>([
    [share("beta1", 1), () => adam(0.1, { beta1: 1 })],
    [share("beta2", -0.1), () => scaleByAdam({ beta2: -0.1 })],
    [positive("epsilon", 0), () => adamw(0.1, 0, { epsilon: 0 })],
    ["epsilonRoot is 0 or a positive number, and is given as -1", () => adam(0.1, { epsilonRoot: -1 })],
    ["epsilonRoot is 0 or a positive number, and is given as -1", () => rmsprop(0.1, 0.9, 1e-8, -1)],
    ["epsilonRoot is 0 or a positive number, and is given as NaN", () => adam(0.1, { epsilonRoot: Number.NaN })],
    [share("the decay", 1.5), () => rmsprop(0.1, 1.5)],
    [positive("epsilon", -1), () => rmsprop(0.1, 0.9, -1)],
    [share("beta1", Number.NaN), () => lion(0.1, 0, Number.NaN)],
    [share("beta2", 1), () => scaleByLion(0.9, 1)],
    ["the momentum is a finite number, and is given as NaN", () => nesterov(0.1, Number.NaN)],
    ["the weight decay is a finite number, and is given as Infinity", () => adamw(0.1, Number.POSITIVE_INFINITY)],
    [positive("the greatest norm", -1), () => clipByGlobalNorm(-1)],
    [positive("the greatest gradient", Number.NaN), () => clip(Number.NaN)],
    [positive("the greatest norm of a column", 0), () => maxColumnNorm(0)]
  ])("are refused when the optimizer is made: %s", (message, make) => {
    assert.throws(make, RangeError, message)
  })
})
