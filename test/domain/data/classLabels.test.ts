import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { classLabels } from "../../../src/domain/data/classLabels.ts"

describe("classLabels", () => {
  it("gives each thing the place of its class among all, in the order of names", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 60 }), (classes) => {
        const { names, labels } = Result.getOrThrow(classLabels(classes))
        assert.deepStrictEqual(
          Array.from(labels, (label) => names[label]),
          classes
        )
        if (classes.some((name) => !/^\d+$/.test(name))) assert.deepStrictEqual(names, [...new Set(classes)].sort())
      })
    )
  })

  it("takes numbers for labels", () => {
    const { names, labels } = Result.getOrThrow(classLabels(["10", "2", "10"]))
    assert.deepStrictEqual([...labels], [10, 2, 10])
    assert.strictEqual(names.length, 11)
    assert.deepStrictEqual([...Result.getOrThrow(classLabels(["256", "2"])).labels], [1, 0])
    assert.deepStrictEqual([...Result.getOrThrow(classLabels(["01", "2"])).labels], [0, 1])
    assert.deepStrictEqual(Result.getOrThrow(classLabels([])), { names: [], labels: new Uint8Array(0) })
  })

  it("tells at most 256 classes apart", () => {
    const classes = Array.from({ length: 257 }, (_, i) => `class ${i}`)
    assert.strictEqual(
      Result.getOrThrow(Result.flip(classLabels(classes))),
      "there are 257 classes; at most 256 are told apart"
    )
    assert.isTrue(Result.isSuccess(classLabels(classes.slice(1))))
  })
})
