import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { makeProgram, ProgramError } from "../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../src/domain/tensor/pmean.ts"
import { printProgram } from "../../../src/domain/tensor/print.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import type { Shape } from "../../../src/domain/tensor/Shape.ts"
import { normalNoise, placeholder, scalar } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { randomExpressions } from "../../../src/testing/randomExpressions.ts"

const [x, total] = [placeholder("x", [3, 2]), placeholder("total", [])]

const programOn = (shards: { count: number; examples: number; inputs: ReadonlyArray<string> }, next: Tensor) =>
  makeProgram({ name: "shared", state: { total }, inputs: { x }, next: { total: next }, outputs: {}, shards })

const two = { count: 2, examples: 3, inputs: ["x"] }

describe("a program of one shard", () => {
  it("is the program without any mean over shards", () => {
    const plain = add(total, mean(x))
    const one = programOn({ ...two, count: 1 }, add(total, pmean(mean(pmean(x)))))
    const without = makeProgram({
      name: "shared",
      state: { total },
      inputs: { x },
      next: { total: plain },
      outputs: {}
    })
    assert.strictEqual(printProgram(one), printProgram(without))
    assert.isUndefined(one.shards)
  })

  it("is that whatever the means are taken of", () => {
    fc.assert(
      fc.property(randomExpressions(), fc.nat(), ({ roots, placeholders }, at) => {
        const inputs = Object.fromEntries(placeholders.map((tensor, i) => [i, tensor]))
        const build = (wrap: (tensor: Tensor) => Tensor) =>
          makeProgram<string, string>({
            name: "random",
            state: {},
            inputs,
            next: {},
            outputs: Object.fromEntries(roots.map((root, i) => [i, i === at % roots.length ? wrap(root) : root]))
          })
        assert.strictEqual(printProgram(build(pmean)), printProgram(build((tensor) => tensor)))
      }),
      { numRuns: 30 }
    )
  })
})

describe("a program of several shards", () => {
  it("may depend on examples only through means over shards", () => {
    assert.deepStrictEqual(programOn(two, add(total, pmean(sum(x)))).shards, two)
    assert.throws(
      () => programOn(two, add(total, sum(x))),
      ProgramError,
      'shared: next "total" differs from shard to shard: take pmean of what depends on examples'
    )
    const late = multiply(pmean(sum(x)), sum(x))
    assert.throws(() => programOn(two, late), ProgramError, /next "total" differs/)
    assert.throws(() => programOn(two, sum(normalNoise("z", [3]))), ProgramError, /next "total" differs/)
    // An input that all shards are given alike is no example.
    assert.isDefined(programOn({ ...two, inputs: [] }, add(total, sum(x))).shards)
  })

  it("takes the same mean once, and none of a mean or a constant", () => {
    const once = pmean(sum(x))
    const same = add(pmean(once), pmean(add(sum(x), pmean(scalar(0)))))
    assert.include(printProgram(programOn(two, same)), "%2 = pmean(%1)")
    assert.strictEqual(printProgram(programOn(two, same)).split("pmean").length, 2)
  })

  it("needs inputs and noise that can be divided by examples", () => {
    const next = pmean(sum(x))
    const drawn = (shape: Shape, axis?: number) => pmean(sum(normalNoise("z", shape, axis)))
    const wrong = [
      [() => programOn({ ...two, count: 0 }, next), /cannot run on 0 shards of 3 examples/],
      [() => programOn({ ...two, examples: 1.5 }, next), /cannot run on 2 shards of 1.5 examples/],
      [() => programOn({ ...two, examples: 2 }, next), /"x" is to hold the 2 examples .* has shape \[3, 2\]/],
      [() => programOn({ ...two, inputs: ["y"] }, next), /"y" is to hold the 3 examples .* is no input/],
      [() => programOn(two, drawn([4, 3])), /noise stream "z" \[4, 3\] does not hold 3 examples, .* along axis 0/],
      [() => programOn(two, drawn([])), /noise stream "z" \[\] does not hold 3 examples/]
    ] as const
    for (const [build, message] of wrong) assert.throws(build, ProgramError, message)
    for (const sound of [drawn([3]), drawn([6, 5]), drawn([4, 3], 1)]) assert.isDefined(programOn(two, sound).shards)
  })
})
