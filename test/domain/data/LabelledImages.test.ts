import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type ImageSet, imageSet, takeImages } from "../../../src/domain/data/Images.ts"
import { labelledImages } from "../../../src/domain/data/LabelledImages.ts"

const setOf = (labels: ReadonlyArray<number>): ImageSet =>
  imageSet({
    count: labels.length,
    channels: 1,
    height: 1,
    width: 2,
    pixels: new Uint8Array(2 * labels.length),
    labels: Uint8Array.from(labels)
  })

const labelLists = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 12 })

const problemOf = (set: ImageSet, classes?: number): string => {
  const error = Result.getOrThrow(Result.flip(labelledImages(set, "the images of a test", classes)))
  assert.strictEqual(error._tag, "LabelsError")
  return error.message
}

describe("labelledImages", () => {
  it("is the same set, with as many classes as the greatest label asks for", () => {
    fc.assert(
      fc.property(labelLists, (labels) => {
        const set = setOf(labels)
        const labelled = Result.getOrThrow(labelledImages(set, "x"))
        assert.deepStrictEqual<unknown>(labelled, { ...set, classes: Math.max(...labels) + 1 })
      })
    )
  })

  it("keeps the number of classes given, though none shows the last", () => {
    assert.strictEqual(Result.getOrThrow(labelledImages(setOf([0, 1]), "x", 10)).classes, 10)
  })

  it("refuses images without labels, no images, and labels outside the classes given", () => {
    const expected = "the images of a test: "
    assert.match(problemOf({ ...setOf([1]), labels: undefined }), new RegExp(`^${expected}they have no labels`))
    assert.match(problemOf(takeImages(setOf([1]), 0, 0)), new RegExp(`^${expected}there are none`))
    assert.strictEqual(
      problemOf(setOf([0, 3, 1]), 3),
      `${expected}image 1 has the label 3, but there are 3 classes (from 0)`
    )
  })
})
