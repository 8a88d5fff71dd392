import { gzipSync } from "node:zlib"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerFashionMnist } from "../../../src/layers/dataset/fashionMnist.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"

const images = (count: number) => encodeIdx({ shape: [count, 2, 2], values: new Uint8Array(4 * count) })
const labels = (count: number) => encodeIdx({ shape: [count], values: new Uint8Array(count) })

describe("layerFashionMnist", () => {
  it.effect("takes the files inflated, and of compressed ones only those that were published", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-fashion-" })
      const load = Effect.provide(Dataset, layerFashionMnist(folder), { local: true })
      yield* fs.writeFile(`${folder}/train-images-idx3-ubyte`, images(10_002))
      yield* fs.writeFile(`${folder}/train-labels-idx1-ubyte`, labels(10_002))
      yield* fs.writeFile(`${folder}/t10k-images-idx3-ubyte`, images(3))
      yield* fs.writeFile(`${folder}/t10k-labels-idx1-ubyte`, labels(3))
      const { name, training, validation, test } = yield* load
      assert.strictEqual(name, "fashion-mnist")
      assert.deepStrictEqual([training.count, validation.count, test.count], [2, 10_000, 3])

      yield* fs.remove(`${folder}/t10k-labels-idx1-ubyte`)
      yield* fs.writeFile(`${folder}/t10k-labels-idx1-ubyte.gz`, gzipSync(labels(3)))
      const { message } = yield* Effect.flip(load)
      assert.match(
        message,
        /t10k-labels-idx1-ubyte\.gz: MD5 bb300cfdad3c16e7a12a480ee83cd310 expected, [0-9a-f]{32} found: the file is not/
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
