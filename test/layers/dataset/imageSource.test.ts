import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { imagesFrom, labelledImagesFrom } from "../../../src/layers/dataset/imageSource.ts"

const set = (count: number, labels?: Uint8Array) => ({
  count,
  channels: 1,
  height: 2,
  width: 2,
  pixels: new Uint8Array(4 * count),
  labels
})

const dataset = Layer.succeed(Dataset, {
  name: "dots",
  digests: { dots: "d" },
  training: set(5, Uint8Array.of(0, 1, 2, 1, 0)),
  validation: set(2),
  test: set(3, Uint8Array.of(0, 0, 1))
})

describe("images from a data set", () => {
  it.effect("are those of the split that is asked for, the training images if none is", () =>
    Effect.gen(function* () {
      const counts = [
        (yield* imagesFrom(dataset)).count,
        (yield* imagesFrom(dataset, "validation")).count,
        (yield* labelledImagesFrom(dataset)).count,
        (yield* labelledImagesFrom(dataset, "test")).count
      ]
      assert.deepStrictEqual(counts, [5, 2, 5, 3])
    })
  )

  it.effect("have classes where the split has, or the message names it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(labelledImagesFrom(dataset, "validation"))
      assert.match(error.message, /the validation images of dots/)
    })
  )
})
