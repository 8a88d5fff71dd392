import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { imageSet } from "../../../src/domain/data/Images.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"

/** What every implementation of `Dataset` keeps; `layer` is built twice. */
export const datasetContract = <E>(layer: Layer.Layer<Dataset, E>): void => {
  it.effect("keeps the contract of Dataset", () =>
    Effect.gen(function* () {
      const load = Effect.provide(Dataset, layer, { local: true })
      const dataset = yield* load
      assert.isNotEmpty(dataset.name)
      assert.isNotEmpty(Object.keys(dataset.digests))
      for (const digest of Object.values(dataset.digests)) assert.match(digest, /^[0-9a-f]{64}$/)
      for (const split of [dataset.training, dataset.validation, dataset.test]) {
        imageSet(split)
        assert.deepStrictEqual(
          [split.channels, split.height, split.width],
          [dataset.training.channels, dataset.training.height, dataset.training.width]
        )
        assert.strictEqual(split.labels === undefined, dataset.training.labels === undefined)
      }
      assert.isAbove(dataset.training.count, 0)
      assert.isAbove(dataset.test.count, 0)

      const again = yield* load
      assert.deepStrictEqual(again.digests, dataset.digests)
      assert.isTrue(Buffer.from(again.training.pixels).equals(dataset.training.pixels))
    })
  )
}
