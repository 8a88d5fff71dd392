import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { datasetContract } from "./datasetContract.ts"

const settings = { count: 20, channels: 1, height: 6, width: 5, seed: 1 }

describe("layerSynthetic", () => {
  datasetContract(layerSynthetic(settings))
  datasetContract(layerSynthetic({ ...settings, channels: 3, height: 28, width: 28 }))

  it.effect("has the sizes asked for, splits of its own, and digests that tell seeds apart", () =>
    Effect.gen(function* () {
      const { training, validation, test, digests } = yield* Effect.provide(Dataset, layerSynthetic(settings))
      assert.deepStrictEqual([training.count, validation.count, test.count], [20, 4, 4])
      assert.deepStrictEqual([training.channels, training.height, training.width], [1, 6, 5])
      assert.strictEqual(new Set(Object.values(digests)).size, 3)
      const other = yield* Effect.provide(Dataset, layerSynthetic({ ...settings, seed: 2 }))
      assert.notStrictEqual(other.digests["training"], digests["training"])
    })
  )
})
