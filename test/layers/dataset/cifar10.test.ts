import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { CIFAR10_RECORD_BYTES } from "../../../src/domain/dataset/cifar10.ts"
import { layerCifar10 } from "../../../src/layers/dataset/cifar10.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { sha256 } from "../../../src/layers/file/sha256.ts"
import { datasetContract } from "./datasetContract.ts"

/** `count` pictures of one grey, each of the next class. */
const batch = (count: number, value: number): Uint8Array => {
  const bytes = new Uint8Array(count * CIFAR10_RECORD_BYTES).fill(value)
  for (let n = 0; n < count; n++) bytes[n * CIFAR10_RECORD_BYTES] = n % 10
  return bytes
}
const names = [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`)
const sound: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(names.map((name, k) => [name, batch(3, k)])),
  "test_batch.bin": batch(2, 9)
}

const write = Effect.fnUntraced(function* (folder: string, files: Readonly<Record<string, Uint8Array>>) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) yield* fs.writeFile(`${folder}/${name}`, bytes)
})

const inFolder = <A, E>(test: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "fovea-cifar-" })).pipe(
    Effect.flatMap(test),
    Effect.scoped,
    Effect.provide(NodeServices.layer)
  )
const loaded = (folder: string) => Effect.provide(Dataset, layerCifar10(folder), { local: true })

describe("layerCifar10", () => {
  datasetContract(
    Layer.unwrap(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-cifar-" })
        yield* write(directory, sound)
        return layerCifar10(directory)
      })
    ).pipe(Layer.provide(NodeServices.layer))
  )

  it.effect("trains on four batches, and keeps the fifth for validation; from the folder around them as well", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* write(`${folder}/cifar-10-batches-bin`, sound)
        const { name, digests, training, validation, test } = yield* loaded(folder)
        assert.strictEqual(name, "cifar10")
        assert.deepStrictEqual(Object.keys(digests).sort(), [...names, "test_batch.bin"].sort())
        assert.deepStrictEqual([training.count, validation.count, test.count], [12, 3, 2])
        assert.deepStrictEqual([training.channels, training.height, training.width], [3, 32, 32])
        assert.deepStrictEqual([training.pixels[0], training.pixels.at(-1), validation.pixels[0]], [0, 3, 4])
        assert.deepStrictEqual([...(training.labels ?? [])].slice(0, 5), [0, 1, 2, 0, 1])
      })
    )
  )

  it.effect("names the file at fault", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const message = Effect.map(Effect.flip(loaded(folder)), (error) => error.message.replace(folder, "F"))
        assert.match(yield* message, /^F\/data_batch_1\.bin: there is no such file$/)
        yield* write(folder, { ...sound, "data_batch_3.bin": batch(3, 1).subarray(1) })
        assert.match(yield* message, /^F\/data_batch_3\.bin: it has 9218 bytes, which are not whole records of 3073/)
        const labelled = batch(3, 1)
        labelled[2 * CIFAR10_RECORD_BYTES] = 255
        yield* write(folder, { "data_batch_3.bin": batch(3, 1), "test_batch.bin": labelled })
        assert.match(yield* message, /^F\/test_batch\.bin: record 2, at byte 6146, has the label 255/)
        const sums = Object.entries(sound).map(([name, bytes]) => `${sha256(bytes)}  ${name}`)
        yield* write(folder, { SHA256SUMS: new TextEncoder().encode(sums.join("\n")) })
        assert.match(yield* message, /^F\/data_batch_3\.bin: SHA-256 [0-9a-f]{64} expected, [0-9a-f]{64} found/)
        assert.match(
          (yield* Effect.flip(loaded(`${folder}/none`))).message,
          /none: there is no such folder; give the one that holds CIFAR-10's/
        )
      })
    )
  )
})
