import { assert, describe, it } from "@effect/vitest"
import { bernoulliNoise, noise } from "../../../src/domain/tensor/source.ts"
import { listOf } from "../../support/numbers.ts"

describe("bernoulliNoise", () => {
  it("takes the probabilities 0, never, and 1, always", () => {
    assert.deepStrictEqual(listOf(bernoulliNoise("never", 0, [4])), [0, 0, 0, 0])
    assert.deepStrictEqual(listOf(bernoulliNoise("always", 1, [4])), [1, 1, 1, 1])
  })
})

describe("noise", () => {
  it("holds what it was given, and of examples only what differs from all along the first axis", () => {
    const [stream, distribution, shape] = ["z", { kind: "normal" }, [4, 6]] as const
    assert.deepStrictEqual(noise(stream, distribution, shape).parameters, { stream, distribution, shape })
    const parts = noise(stream, distribution, shape, 1, 3).parameters
    assert.deepStrictEqual(parts, { stream, distribution, shape, exampleAxis: 1, examples: 3 })
  })
})
