import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { isParameterSpec } from "../../../src/domain/nn/parameter.ts"
import {
  chain,
  counter,
  leafAt,
  type NamedSpecs,
  type Optimizer,
  stateless,
  zerosLike
} from "../../../src/domain/optim/Optimizer.ts"
import { adam, sgd } from "../../../src/domain/optim/optimizers.ts"
import { warmup } from "../../../src/domain/optim/schedule.ts"
import {
  addDecayedWeights,
  clip,
  clipByGlobalNorm,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  trace
} from "../../../src/domain/optim/transforms.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { course, drawn, gradientsOf, shapes, specsFor } from "./course.ts"

const specs = specsFor(shapes)
const pathsOf = (optimizer: Optimizer): ReadonlyArray<string> =>
  Object.keys(flattenTree<ParameterSpec>(optimizer.init(specs), isParameterSpec))

/** Asserts that two optimizers take parameters the same way. */
const assertSameCourse = (actual: Optimizer, expected: Optimizer, seed: number): void => {
  const [start, gradients] = [drawn(seed, "start"), gradientsOf(seed, 5)]
  const wanted = course(expected, start, gradients)
  course(actual, start, gradients).forEach(({ parameters }, t) => {
    for (const path of Object.keys(shapes)) {
      assertClose(parameters[path] ?? [], wanted[t]?.parameters[path] ?? [], 1e-12, `${path} after ${t + 1} updates`)
    }
  })
}

const part = fc.constantFrom<Optimizer>(
  clip(0.5),
  clipByGlobalNorm(1),
  addDecayedWeights(0.1),
  scaleByAdam(),
  scaleByRms(),
  scaleByLion(),
  trace(0.5),
  scaleByLearningRate(warmup(0.1, 3)),
  chain()
)
const seeds = fc.nat({ max: 1_000_000 })

describe("chain", () => {
  it("does the same however its parts are bracketed", () => {
    fc.assert(
      fc.property(part, part, part, seeds, (a, b, c, seed) => {
        const plain = chain(a, b, c)
        assertSameCourse(chain(chain(a, b), c), plain, seed)
        assertSameCourse(chain(a, chain(b, c)), plain, seed)
      }),
      { numRuns: 20 }
    )
  })

  it("of nothing leaves gradients as they are, and of one is that one", () => {
    assertSameCourse(
      chain(),
      stateless((update) => update),
      1
    )
    assertSameCourse(chain(scaleByAdam()), scaleByAdam(), 2)
  })

  it("keeps the state of its only part that has one as that, and of several by their position", () => {
    const moments = ["weight", "rnn.bias", "rnn2"]
    const ofAdam = ["updates", ...moments.map((path) => `first.${path}`), ...moments.map((path) => `second.${path}`)]
    assert.deepStrictEqual(pathsOf(adam(0.1)), ofAdam)
    assert.deepStrictEqual(pathsOf(chain(clip(1), chain(clipByGlobalNorm(1), adam(0.1)), chain())), ofAdam)
    assert.deepStrictEqual(pathsOf(adam(warmup(0.1, 5))), [...ofAdam.map((path) => `0.${path}`), "1.count"])
    assert.deepStrictEqual(
      pathsOf(chain(clip(1), trace(0.9), addDecayedWeights(0.1), scaleByLearningRate(warmup(0.1, 5)))),
      [...moments.map((path) => `1.velocity.${path}`), "3.count"]
    )
    assert.deepStrictEqual(pathsOf(sgd(0.1)), [])
  })

  it("takes an optimizer of one's own, which is a value of the type", () => {
    // Keeps the sum of all gradients, and moves by it.
    const summed: Optimizer<{ readonly total: NamedSpecs }> = {
      init: (parameters) => ({ total: zerosLike(parameters) }),
      update: (gradients, { total }) => {
        const next = mapRecord(total, (sum, path) => add(sum, leafAt(gradients, path)))
        return { updates: next, state: { total: next } }
      }
    }
    assertSameCourse(
      chain(clip(1), summed, scaleByLearningRate(0.1)),
      chain(clip(1), trace(1), scaleByLearningRate(0.1)),
      3
    )
    // One whose state is a single tensor.
    const slowed: Optimizer<ParameterSpec> = {
      init: () => counter,
      update: (gradients, count) => ({ updates: mapRecord(gradients, (g) => multiply(g, count)), state: add(count, 1) })
    }
    assertSameCourse(
      chain(slowed, scaleByLearningRate(0.1)),
      sgd((count) => multiply(0.1, count)),
      4
    )
    assertSameCourse(chain(slowed, trace(0)), chain(slowed), 5)
  })
})

describe("the records of an update", () => {
  it("must have the same paths: the message names the one that is missing", () => {
    const [start, gradients] = [drawn(0, "start"), [{ weight: [1, 2, 3, 4, 5, 6] }]]
    assert.throws(() => course(trace(0.5), start, gradients), RangeError)
    assert.throws(
      () => leafAt({ weight: 1 }, "bias"),
      RangeError,
      'an optimizer was given no "bias", which another of its records has'
    )
    // What every object inherits is no leaf.
    assert.throws(() => leafAt({}, "constructor"), RangeError)
  })
})
