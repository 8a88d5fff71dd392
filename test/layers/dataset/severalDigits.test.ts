import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSeveralDigits } from "../../../src/layers/dataset/severalDigits.ts"
import { datasetContract } from "./datasetContract.ts"

/** Every digit of a split has one brightness, which no other split has. */
const digits = Layer.sync(Dataset, () => {
  const split = (count: number, value: number) => ({
    count,
    channels: 1,
    height: 4,
    width: 3,
    pixels: new Uint8Array(count * 12).fill(value),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10)
  })
  const parts = { training: split(20, 50), validation: split(10, 100), test: split(10, 200) }
  return Dataset.of({ name: "digits", digests: { file: "0".repeat(64) }, ...parts })
})
const options = { count: 13, digits: 2, height: 10, width: 9, overlap: "maximum", seed: 4 } as const
const layer = Layer.provide(layerSeveralDigits(options), digits)

describe("layerSeveralDigits", () => {
  datasetContract(layer)

  it.effect("places the digits of each split in images of that split only", () =>
    Effect.gen(function* () {
      const { name, training, validation, test } = yield* Dataset
      assert.strictEqual(name, "several-digits:2xdigits:10x9:maximum:4")
      for (const [split, count, value] of [
        [training, 13, 50],
        [validation, 3, 100],
        [test, 3, 200]
      ] as const) {
        assert.deepStrictEqual([split.count, split.height, split.width], [count, 10, 9])
        assert.deepStrictEqual(
          [...new Set(split.pixels)].sort((a, b) => a - b),
          [0, value]
        )
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("depends on its seed", () =>
    Effect.gen(function* () {
      const { digests } = yield* Dataset
      const other = Layer.provide(layerSeveralDigits({ ...options, seed: 5 }), digits)
      assert.notStrictEqual((yield* Effect.provide(Dataset, other, { local: true })).digests.training, digests.training)
    }).pipe(Effect.provide(layer))
  )
})
