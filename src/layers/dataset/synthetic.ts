import { createHash } from "node:crypto"
import * as Layer from "effect/Layer"
import { syntheticImages } from "../../domain/data/syntheticImages.ts"
import { Dataset, type DatasetError } from "./Dataset.ts"
import { madeBySettings } from "./dataFile.ts"

/** `count` training images; validation and test have a sixth of that each, rounded up. */
export interface SyntheticDatasetSettings {
  readonly count: number
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly seed: number
}

/**
 * The images of `syntheticImages` as a data set, for tests and first trials: nothing is read, and the same settings
 * give the same bytes everywhere. The digests are those of the pixels of each split. Fails with a `DatasetError` for a size
 * that is not a positive integer, or a seed that is not a whole number from 0 on.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Data, Datasets } from "fovea"
 *
 * const small = Datasets.synthetic({ count: 60, channels: 1, height: 8, width: 8, seed: 1 })
 * console.log((await Effect.runPromise(Data.imagesFrom(small))).shapes) // { images: [ 1, 8, 8 ] }
 * ```
 */
export const layerSynthetic = (settings: SyntheticDatasetSettings): Layer.Layer<Dataset, DatasetError> =>
  Layer.effect(
    Dataset,
    madeBySettings("synthetic images", () => {
      const held = Math.ceil(settings.count / 6)
      const training = syntheticImages({ ...settings, stream: "synthetic/training" })
      const validation = syntheticImages({ ...settings, count: held, stream: "synthetic/validation" })
      const test = syntheticImages({ ...settings, count: held, stream: "synthetic/test" })
      const sha256 = (pixels: Uint8Array) => createHash("sha256").update(pixels).digest("hex")
      return Dataset.of({
        name: `synthetic:${settings.channels}x${settings.height}x${settings.width}:${settings.seed}`,
        digests: {
          training: sha256(training.pixels),
          validation: sha256(validation.pixels),
          test: sha256(test.pixels)
        },
        training,
        validation,
        test
      })
    })
  )
