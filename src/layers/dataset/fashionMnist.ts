import type * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import type { Dataset, DatasetError } from "./Dataset.ts"
import { layerIdxFolder } from "./idxFolder.ts"

/**
 * MD5 of the four files of Fashion-MNIST as published, compressed (H. Xiao, K. Rasul, R. Vollgraf 2017: the table in the
 * repository zalandoresearch/fashion-mnist). No digest of another kind was published, nor any of the files inflated.
 */
export const FASHION_MNIST_DIGESTS: Readonly<Record<string, string>> = {
  "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
  "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
  "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
  "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310"
}

/**
 * Fashion-MNIST from a folder: 28x28 grey images of ten kinds of clothes, split as MNIST is. Files that are still compressed
 * are checked against `FASHION_MNIST_DIGESTS`; others against a `SHA256SUMS` beside them, if there is one.
 * Fails with a `DatasetError`.
 */
export const layerFashionMnist = (directory: string): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem> =>
  layerIdxFolder({
    directory,
    name: "fashion-mnist",
    validationCount: 10_000,
    expectedDigests: FASHION_MNIST_DIGESTS
  })
