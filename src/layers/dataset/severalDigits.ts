import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ImageSet } from "../../domain/data/Images.ts"
import { type PlacementSettings, severalDigits } from "../../domain/data/severalDigits.ts"
import { sha256 } from "../file/sha256.ts"
import { Dataset, type DatasetError } from "./Dataset.ts"
import { madeBySettings } from "./dataFile.ts"

/** How the images are made: `count` training images; validation and test have a sixth of that each, rounded up. */
export type SeveralDigitsOptions = Omit<PlacementSettings, "stream">

/**
 * Images of several digits (`severalDigits`) from those of the `Dataset` given, each split from the digits of the same split,
 * so that no digit of a test image was ever trained on. Where a split of the digits is empty so is that of the images.
 * The digests are those of the digits' files and of each split's pixels. Fails with a `DatasetError` for settings out of range, and
 * for digits larger than the images.
 */
export const layerSeveralDigits = (options: SeveralDigitsOptions): Layer.Layer<Dataset, DatasetError, Dataset> =>
  Layer.effect(
    Dataset,
    Effect.flatMap(Dataset, ({ name, digests, training, validation, test }) =>
      madeBySettings("several digits", () => {
        const held = Math.ceil(options.count / 6)
        const placed = (digits: ImageSet, split: string, count: number): ImageSet =>
          digits.count === 0
            ? { ...digits, height: options.height, width: options.width }
            : severalDigits(digits, { ...options, count, stream: `several-digits/${split}` }).images
        const splits = {
          training: placed(training, "training", options.count),
          validation: placed(validation, "validation", held),
          test: placed(test, "test", held)
        }
        const { digits, height, width, overlap, seed } = options
        return Dataset.of({
          name: `several-digits:${digits}x${name}:${height}x${width}:${overlap}:${seed}`,
          digests: {
            ...digests,
            training: sha256(splits.training.pixels),
            validation: sha256(splits.validation.pixels),
            test: sha256(splits.test.pixels)
          },
          ...splits
        })
      })
    )
  )
