import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { inputsFirst } from "../../src/domain/tensor/order.ts"
import { isUnchanged } from "../../src/domain/tensor/Program.ts"
import { primitiveNames } from "../../src/domain/tensor/rules.ts"
import { sameShape, sizeOf } from "../../src/domain/tensor/Shape.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import { updatesOf } from "../../src/domain/tensor/updates.ts"
import { programRoots } from "../../src/layers/backend/validation.ts"
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

  it("use every primitive, and nearly always change their state", () => {
    const programs = fc.sample(randomPrograms(), { numRuns: 150, seed: 1 }).map(({ program }) => program)
    const used = new Set<string>(programs.flatMap((program) => inputsFirst(programRoots(program)).map(({ op }) => op)))
    // What a program of one shard is simplified to holds neither.
    const gone = ["stopGradient", "pmean"]
    assert.deepStrictEqual(
      primitiveNames.filter((op) => !used.has(op) && !gone.includes(op)),
      []
    )
    const unchanged = programs.filter((program) =>
      Object.keys(program.state).every((path) => isUnchanged(program, path))
    )
    assert.isBelow(unchanged.length, programs.length / 4)
  })

  it("make next states of every source: as themselves, and directly in what an engine makes in one pass", () => {
    const programs = fc.sample(randomPrograms(), { numRuns: 300, seed: 2 }).map(({ program }) => program)
    const nextStates = programs.flatMap(({ next }) => Object.values(next))
    const kindOf = (node: Tensor): string => (node.op === "noise" ? node.parameters.distribution.kind : node.op)
    const wanted = ["normal", "uniform", "bernoulli", "constant", "full", "placeholder"]
    const themselves = new Set(nextStates.map(kindOf))
    const leaves = new Set(
      programs.flatMap((program) => updatesOf(program).flatMap((update) => update.leaves)).map(kindOf)
    )
    assert.deepStrictEqual(
      wanted.filter((kind) => !themselves.has(kind)),
      []
    )
    // Constants are no leaves.
    assert.deepStrictEqual(
      wanted.filter((kind) => !leaves.has(kind)),
      ["full"]
    )
  })
})
