import { assert, describe, it } from "@effect/vitest"
import { embedding, embeddingParameters } from "../../../src/domain/nn/embedding.ts"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { constant } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

describe("embedding", () => {
  it("takes the rows of a table", () => {
    const parameters = parameterPlaceholders(embeddingParameters(3, 2), "labels")
    const indices = constant({ shape: [2], values: Float64Array.of(2, 0) })
    const numbers = { "labels.table": [1, 2, 3, 4, 5, 6] }
    assert.deepStrictEqual([...evaluateOne(embedding(parameters, indices), numbers)], [5, 6, 1, 2])
  })
})
