import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { inputsFirst } from "../../src/domain/tensor/order.ts"
import { primitiveNames } from "../../src/domain/tensor/rules.ts"
import { sameShape, sizeOf } from "../../src/domain/tensor/Shape.ts"
import { programRoots } from "../../src/layers/backend/border.ts"
import { randomPrograms } from "../../src/testing/randomPrograms.ts"

describe("random programs", () => {
  it("come with a first state and inputs of the declared shapes", () => {
    fc.assert(
      fc.property(randomPrograms(), ({ program, state, calls }) => {
        const fits = (expected: typeof program.state, given: typeof state) =>
          Object.entries(expected).every(([name, { shape }]) => {
            const tensor = given[name]
            return tensor !== undefined && sameShape(tensor.shape, shape) && tensor.values.length === sizeOf(shape)
          })
        assert.isTrue(fits(program.state, state))
        assert.isTrue(calls.every(({ inputs }) => fits(program.inputs, inputs)))
      }),
      { numRuns: 50 }
    )
  })

  it("use every primitive, and change their state", () => {
    const programs = fc.sample(randomPrograms(), { numRuns: 150, seed: 1 }).map(({ program }) => program)
    const used = new Set<string>(programs.flatMap((program) => inputsFirst(programRoots(program)).map(({ op }) => op)))
    // What a program of one shard is simplified to holds neither.
    const gone = ["stopGradient", "meanOverShards"]
    assert.deepStrictEqual(
      primitiveNames.filter((op) => !used.has(op) && !gone.includes(op)),
      []
    )
    for (const { state, next } of programs)
      for (const path of Object.keys(state)) assert.notStrictEqual(next[path], state[path])
  })
})
