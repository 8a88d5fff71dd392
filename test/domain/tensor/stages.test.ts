import { assert, describe, it } from "@effect/vitest"
import { add, multiply, square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { exp } from "../../../src/domain/tensor/elementwise.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../src/domain/tensor/pmean.ts"
import { printExpressions } from "../../../src/domain/tensor/print.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { type Stage, stagesOf } from "../../../src/domain/tensor/stages.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"

const [x, total, fixed] = [placeholder("x", [2]), placeholder("total", [2]), placeholder("fixed", [])]

const stagesFor = (
  next: Tensor,
  outputs: Readonly<Record<string, Tensor>>,
  shards = { count: 2, examples: 2, inputs: ["x"] }
) =>
  stagesOf(
    makeProgram({ name: "cut", state: { total, fixed }, inputs: { x }, next: { total: next, fixed }, outputs, shards })
  )

/** Every expression of a stage as text. */
const printed = ({ means, kept, next, outputs }: Stage) =>
  mapRecord({ means, kept, next, outputs }, (expressions) =>
    mapRecord(expressions, (tensor) => printExpressions([tensor]).replaceAll(/ +/g, " "))
  )

describe("stagesOf", () => {
  it("makes one stage of a program of one shard", () => {
    const stages = stagesFor(add(total, sum(pmean(x))), { x }, { count: 1, examples: 2, inputs: ["x"] })
    assert.deepStrictEqual(stages.map(printed), [
      {
        means: {},
        kept: {},
        next: { total: "%1 = sum(x) {axes: [0]} : []\n%2 = add(total, %1) : [2]\nin %2" },
        outputs: { x: "in x" }
      }
    ])
  })

  it("cuts where means are taken, and goes on with a placeholder for each", () => {
    const first = pmean(exp(x))
    const [before, after, ...others] = stagesFor(add(total, first), { first, sum: pmean(sum(x)) }).map(printed)
    assert.isEmpty(others)
    assert.deepStrictEqual(before, {
      means: { "means 0": "%1 = exp(x) : [2]\nin %1", "means 1": "%1 = sum(x) {axes: [0]} : []\nin %1" },
      kept: {},
      next: {},
      outputs: {}
    })
    assert.deepStrictEqual(after, {
      means: {},
      kept: {},
      next: { total: "%1 = add(total, means 0) : [2]\nin %1" },
      outputs: { first: "in means 0", sum: "in means 1" }
    })
  })

  it("keeps what two stages need, and computes late what only a later one needs", () => {
    const powers = exp(x)
    const first = pmean(powers)
    const second = pmean(sum(multiply(multiply(powers, first), square(x))))
    const stages = stagesFor(first, { second })
    assert.deepStrictEqual(
      stages.map(({ means, kept }) => [Object.keys(means), Object.keys(kept)]),
      [
        [["means 0"], ["kept 1"]],
        [["means 2"], []],
        [[], []]
      ]
    )
    assert.deepStrictEqual(
      stages.map(({ next, outputs }) => [Object.keys(next), Object.keys(outputs)]),
      [
        [[], []],
        [[], []],
        [["total"], ["second"]]
      ]
    )
    const [, middle] = stages.map(printed)
    assert.include(middle?.means["means 2"], "multiply(kept 1, means 0)")
    // Not kept although it depends on nothing but the input.
    assert.include(middle?.means["means 2"], "multiply(x, x)")
  })

  it("keeps once what several later stages need, in the stage that makes it", () => {
    const early = exp(x)
    const first = pmean(early)
    const middle = exp(add(early, first))
    const second = pmean(middle)
    const late = pmean(add(multiply(early, second), multiply(middle, second)))
    const stages = stagesFor(second, { late, total, first })
    assert.deepStrictEqual(
      stages.map(({ kept, outputs }) => [Object.keys(kept).length, Object.keys(outputs)]),
      [
        [1, []],
        [1, []],
        [0, []],
        [0, ["late", "total", "first"]]
      ]
    )
  })

  it("gives a part of the next state in the stage that makes it", () => {
    const moved = add(total, pmean(x))
    const stages = stagesFor(moved, { gap: pmean(sum(square(add(x, moved)))) })
    assert.deepStrictEqual(
      stages.map(({ next, outputs }) => [Object.keys(next), Object.keys(outputs)]),
      [
        [[], []],
        [["total"], []],
        [[], ["gap"]]
      ]
    )
  })

  it("takes names that no placeholder of the program has", () => {
    const [given, mean] = [placeholder("means 0", [2]), pmean(placeholder("x", [2]))]
    const program = makeProgram({
      name: "names",
      state: { given },
      inputs: { x },
      next: { given: add(given, mean) },
      outputs: {},
      shards: { count: 2, examples: 2, inputs: ["x"] }
    })
    assert.deepStrictEqual(
      stagesOf(program).map(({ means }) => Object.keys(means)),
      [["_means 0"], []]
    )
  })
})
