import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isParameterSpec, type ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { freeze, masked, multiSteps, type Paths, partition } from "../../../src/domain/optim/combine.ts"
import { chain, type Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, adamw, momentum, sgd } from "../../../src/domain/optim/optimizers.ts"
import { warmup } from "../../../src/domain/optim/schedule.ts"
import {
  addDecayedWeights,
  clipByGlobalNorm,
  scaleByAdam,
  scaleByLearningRate
} from "../../../src/domain/optim/transforms.ts"
import type { Shape } from "../../../src/domain/tensor/Shape.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { course, drawn, gradientsOf, type Numbers, shapes, specsFor } from "./course.ts"

const seeds = fc.nat({ max: 1_000_000 })
const specs = specsFor(shapes)
const pathsOf = (optimizer: Optimizer): ReadonlyArray<string> =>
  Object.keys(flattenTree<ParameterSpec>(optimizer.init(specs), isParameterSpec))

const picked = <V>(record: Readonly<Record<string, V>>, paths: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(record).filter(([path]) => paths.includes(path)))

/** Where an optimizer takes these parameters if there are no others. */
const alone = (optimizer: Optimizer, seed: number, paths: ReadonlyArray<string>) => {
  const gradients = gradientsOf(seed, 4).map((gradient) => picked(gradient, paths))
  return course(optimizer, picked(drawn(seed, "start"), paths), gradients, picked<Shape>(shapes, paths))
}
const together = (optimizer: Optimizer, seed: number) => course(optimizer, drawn(seed, "start"), gradientsOf(seed, 4))

const assertNumbers = (actual: Numbers, expected: Numbers): void => {
  for (const [path, values] of Object.entries(expected)) assertClose(actual[path] ?? [], values, 1e-12, path)
}

describe("freeze", () => {
  it("leaves its parameters where they are to the last bit, and moves the others as if they were all", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom("weight", "rnn", "rnn2"), (seed, name) => {
        // `rnn` is `rnn.bias`, and not `rnn2`.
        const frozen = name === "rnn" ? "rnn.bias" : name
        const others = Object.keys(shapes).filter((path) => path !== frozen)
        const optimizer = chain(clipByGlobalNorm(1), adamw(0.1, 0.5))
        const expected = alone(optimizer, seed, others)
        const start = drawn(seed, "start")
        together(freeze([name], optimizer), seed).forEach(({ parameters }, t) => {
          assert.deepStrictEqual(parameters[frozen], start[frozen])
          assertNumbers(parameters, expected[t]?.parameters ?? {})
        })
      }),
      { numRuns: 20 }
    )
  })

  it("keeps no state for what does not move", () => {
    assert.deepStrictEqual(pathsOf(freeze(["weight", "rnn2"], adam(0.1))), [
      "updates",
      "first.rnn.bias",
      "second.rnn.bias"
    ])
    assert.deepStrictEqual(pathsOf(freeze((path) => path.includes("r"), adam(0.1))), [
      "updates",
      "first.weight",
      "second.weight"
    ])
  })

  it("may take everything", () => {
    for (const optimizer of [adam(0.1), chain(clipByGlobalNorm(1), sgd(0.1))]) {
      const start = drawn(1, "start")
      for (const { parameters } of together(
        freeze(() => true, optimizer),
        1
      ))
        assert.deepStrictEqual(parameters, start)
    }
  })
})

describe("masked", () => {
  it("transforms its gradients as if they were all, and passes on the others", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const decayed = chain(
          masked(["weight"], chain(scaleByAdam(), addDecayedWeights(0.5))),
          scaleByLearningRate(0.1)
        )
        const [ofWeight, ofOthers] = [
          alone(adamw(0.1, 0.5), seed, ["weight"]),
          alone(sgd(0.1), seed, ["rnn.bias", "rnn2"])
        ]
        together(decayed, seed).forEach(({ parameters }, t) => {
          assertNumbers(parameters, { ...ofWeight[t]?.parameters, ...ofOthers[t]?.parameters })
        })
      }),
      { numRuns: 20 }
    )
  })
})

describe("partition", () => {
  it("moves each group as if it were all, and what is in none not at all", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [first, second] = [adam(warmup(0.1, 3)), momentum(0.2)]
        const start = drawn(seed, "start")
        const expected = [alone(first, seed, ["rnn.bias"]), alone(second, seed, ["weight"])]
        together(
          partition([
            [["rnn"], first],
            [(path) => path === "weight", second]
          ]),
          seed
        ).forEach(({ parameters }, t) => {
          for (const course of expected) assertNumbers(parameters, course[t]?.parameters ?? {})
          assert.deepStrictEqual(parameters["rnn2"], start["rnn2"])
        })
      }),
      { numRuns: 20 }
    )
  })

  it("gives a parameter to the first group that takes it, and states their groups' numbers", () => {
    const groups: ReadonlyArray<readonly [Paths, Optimizer]> = [
      [["rnn.bias"], momentum(0.1)],
      [(path) => path.startsWith("rnn"), adam(0.1)]
    ]
    assert.deepStrictEqual(pathsOf(partition(groups)), [
      "0.updates",
      "0.velocity.rnn.bias",
      "1.updates",
      "1.first.rnn2",
      "1.second.rnn2"
    ])
  })

  it("of groups without states has none, also as part of a chain", () => {
    const groups = partition([
      [["weight"], sgd(0.1)],
      [["rnn2"], sgd(0.2)]
    ])
    assert.deepStrictEqual(pathsOf(chain(groups, scaleByAdam())), pathsOf(scaleByAdam()))
  })
})

describe("paths that are no parameter's", () => {
  it.each<readonly [string, ofFunction: string, (paths: Paths) => Optimizer]>([
    ["freeze", "paths", (paths) => freeze(paths, sgd(0.1))],
    ["masked", "paths", (paths) => masked(paths, sgd(0.1))],
    [
      "partition",
      "group 1",
      (paths) =>
        partition([
          [["rnn"], sgd(0.1)],
          [paths, sgd(0.1)]
        ])
    ]
  ])("are refused by %s with those that there are", (_, ofFunction, make) => {
    const known = "there are weight, rnn.bias, rnn2"
    for (const wrong of ["rn", "rnn2.x", "rnn.bia", "bias", "", "constructor"]) {
      assert.throws(
        () => make(["weight", wrong]).init(specs),
        RangeError,
        `no parameter has the path ${JSON.stringify(wrong)}: ${known}`
      )
    }
    assert.throws(
      () => make(() => false).init(specs),
      RangeError,
      `no parameter is taken by the function of ${ofFunction}: ${known}`
    )
  })
})

describe("multiSteps", () => {
  const meanOf = (gradients: ReadonlyArray<Numbers>): Numbers =>
    Object.fromEntries(
      Object.keys(shapes).map((path) => [
        path,
        Array.from(gradients[0]?.[path] ?? [], (_, i) =>
          gradients.reduce((sum, gradient) => sum + (gradient[path]?.[i] ?? Number.NaN) / gradients.length, 0)
        )
      ])
    )

  it("moves by every k-th update as by the mean of the last k gradients, and stands still between", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<Optimizer>(
          adam(warmup(0.1, 3)),
          momentum(0.1),
          chain(clipByGlobalNorm(0.5), adamw(0.1, 0.1)),
          sgd(0.1)
        ),
        seeds,
        (k, optimizer, seed) => {
          const [start, gradients] = [drawn(seed, "start"), gradientsOf(seed, 3 * k)]
          const means = [0, 1, 2].map((n) => meanOf(gradients.slice(n * k, (n + 1) * k)))
          const expected = [{ parameters: start }, ...course(optimizer, start, means)]
          const moments = course(multiSteps(k, optimizer), start, gradients)
          moments.forEach(({ parameters }, t) => {
            const moved = Math.floor((t + 1) / k)
            assertNumbers(parameters, expected[moved]?.parameters ?? {})
            const before = t === 0 ? start : moments[t - 1]?.parameters
            if ((t + 1) % k !== 0) assert.deepStrictEqual(parameters, before)
          })
        }
      ),
      { numRuns: 25 }
    )
  })

  it("refuses other numbers of updates than 1, 2, ..", () => {
    for (const k of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => multiSteps(k, sgd(0.1)), RangeError, `gradients of ${k} updates cannot be accumulated`)
    }
  })
})
