import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { dataDifference } from "../../../src/domain/experiment/dataIdentity.ts"

const digest = fc.stringMatching(/^[0-9a-f]{8}$/)
const digests = fc.dictionary(
  fc.constantFrom("data_batch_1.bin", "picture files", "training", "validation", "test"),
  digest
)

describe("dataDifference", () => {
  it("is none of the same digests, under any spelling of their names", () => {
    fc.assert(
      fc.property(digests, (found) => {
        const upper = Object.fromEntries(
          Object.entries(found).map(([name, sum]) => [name.toUpperCase(), sum.toUpperCase()])
        )
        assert.isUndefined(dataDifference(found, upper))
      })
    )
    assert.isUndefined(dataDifference({ "train-images.idx3-ubyte": "aa" }, { "train-images-idx3-ubyte": "aa" }))
  })

  it("names both digests of what differs, is missing, or is there besides", () => {
    assert.strictEqual(dataDifference({ a: "aa" }, { a: "bb" }), "a differs: SHA-256 aa there, SHA-256 bb here")
    assert.strictEqual(dataDifference({ a: "aa" }, {}), "a differs: SHA-256 aa there, none here")
    assert.strictEqual(dataDifference({}, { a: "bb" }), "a differs: none there, SHA-256 bb here")
    assert.include(dataDifference({ a: "aa", b: "bb" }, { a: "bb", b: "aa" }), "a differs")
  })

  it("of an image folder counts the images, and not the files that they came from", () => {
    const splits = { training: "1", validation: "2", test: "3" }
    assert.isUndefined(dataDifference({ ...splits, "picture files": "aa" }, { ...splits, "picture files": "bb" }))
    assert.include(dataDifference({ ...splits, "picture files": "aa" }, { ...splits, test: "4" }), "test differs")
    assert.include(dataDifference({ "picture files": "aa" }, { "picture files": "bb" }), "picture files differs")
  })
})
