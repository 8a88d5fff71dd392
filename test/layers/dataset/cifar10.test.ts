import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { CIFAR10_RECORD_BYTES } from "../../../src/domain/data/cifar10.ts"
import { layerCifar10 } from "../../../src/layers/dataset/cifar10.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { sha256 } from "../../../src/layers/file/sha256.ts"
import { datasetContract } from "./datasetContract.ts"

/** `count` images of one grey, each of the next class. */
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

  it.effect.each<readonly [name: string, files: ReadonlyArray<string>, message: RegExp]>([
    [
      "the Python version",
      ["data_batch_1", "test_batch"],
      /CIFAR-10's Python version \(data_batch_1\); the binary version is wanted: unpack cifar-10-binary\.tar\.gz/
    ],
    [
      "the MATLAB version",
      ["data_batch_1.mat"],
      /CIFAR-10's MATLAB version \(data_batch_1\.mat\); the binary version is wanted/
    ],
    [
      "the folder around the Python version",
      ["cifar-10-batches-py/data_batch_1"],
      /CIFAR-10's Python version \(cifar-10-batches-py\)/
    ],
    [
      "CIFAR-100",
      ["train.bin", "test.bin", "fine_label_names.txt"],
      /it holds CIFAR-100 \(fine_label_names\.txt\); CIFAR-10 is wanted/
    ],
    [
      "the archive, still packed",
      ["cifar-10-binary.tar.gz"],
      /binary version, still packed \(cifar-10-binary\.tar\.gz\); unpack it/
    ],
    [
      "a folder too high up",
      ["x/cifar-10-batches-bin/data_batch_1.bin"],
      /it is in .*\/x\/cifar-10-batches-bin: give that folder/
    ],
    ["class folders with images", ["train/airplane/1.png"], /read them by --dataset folder:PATH/],
    ["a part of the files", ["data_batch_1.bin"], /data_batch_1\.bin: it has 1 bytes/]
  ])("says which version is wanted where it finds %s", ([, files, message]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        for (const file of files) {
          yield* fs.makeDirectory(`${folder}/${file}`.replace(/\/[^/]+$/, ""), { recursive: true })
          yield* fs.writeFile(`${folder}/${file}`, new Uint8Array(1))
        }
        assert.match((yield* Effect.flip(loaded(folder))).message, message)
      })
    )
  )

  it.effect("reads names in any letter case, and records their digests under one", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* write(
          `${folder}/CIFAR-10-Batches-Bin`,
          Object.fromEntries(Object.entries(sound).map(([name, bytes]) => [name.toUpperCase(), bytes]))
        )
        assert.deepStrictEqual(Object.keys((yield* loaded(folder)).digests).sort(), [...names, "test_batch.bin"].sort())
      })
    )
  )
})
