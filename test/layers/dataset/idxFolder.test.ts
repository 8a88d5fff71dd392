import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { type IdxFolderSettings, layerIdxFolder } from "../../../src/layers/dataset/idxFolder.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"
import { datasetContract } from "./datasetContract.ts"

type Files = Readonly<Record<string, Uint8Array | undefined>>

const images = (count: number, height = 2, width = 3): Uint8Array =>
  encodeIdx({ shape: [count, height, width], values: Uint8Array.from({ length: count * height * width }, (_, i) => i) })
const labels = (count: number): Uint8Array =>
  encodeIdx({ shape: [count], values: Uint8Array.from({ length: count }, (_, i) => i % 10) })

const sound: Files = {
  "train-images-idx3-ubyte": images(13),
  "train-labels-idx1-ubyte": labels(13),
  "t10k-images-idx3-ubyte": images(4),
  "t10k-labels-idx1-ubyte": labels(4)
}

/** A real folder with these files; it lives as long as the scope. */
const folderOf = Effect.fnUntraced(function* (files: Files) {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-idx-" })
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes !== undefined) yield* fs.writeFile(`${directory}/${name}`, bytes)
  }
  return directory
}, Effect.orDie)

const load = (files: Files, settings: Omit<IdxFolderSettings, "directory"> = {}) =>
  folderOf(files).pipe(
    Effect.flatMap((directory) => Effect.provide(Dataset, layerIdxFolder({ directory, ...settings }))),
    Effect.scoped,
    Effect.provide(NodeServices.layer)
  )

const errorOf = (files: Files, settings: Omit<IdxFolderSettings, "directory"> = {}) =>
  Effect.flip(load(files, settings))

describe("layerIdxFolder", () => {
  datasetContract(
    Layer.unwrap(Effect.map(folderOf(sound), (directory) => layerIdxFolder({ directory }))).pipe(
      Layer.provide(NodeServices.layer)
    )
  )

  it.effect("keeps the last sixth of the training file for validation", () =>
    Effect.gen(function* () {
      const { training, validation, test, digests } = yield* load(sound)
      assert.deepStrictEqual([training.count, validation.count, test.count], [11, 2, 4])
      assert.deepStrictEqual(Array.from(validation.labels ?? []), [1, 2])
      assert.strictEqual(validation.pixels[0], 11 * 6)
      const digest = createHash("sha256").update(images(13)).digest("hex")
      assert.strictEqual(digests["train-images-idx3-ubyte"], digest)
      assert.sameMembers(Object.keys(digests), Object.keys(sound))
    })
  )

  it.effect("reads gzip and the other spelling of the names, and gets the same images", () =>
    Effect.gen(function* () {
      const plain = yield* load(sound)
      const other = yield* load({
        "train-images-idx3-ubyte.gz": gzipSync(images(13)),
        "train-labels.idx1-ubyte": labels(13),
        "t10k-images.idx3-ubyte.gz": gzipSync(images(4)),
        // Told apart by its bytes, not by its name.
        "t10k-labels-idx1-ubyte": gzipSync(labels(4))
      })
      for (const split of ["training", "validation", "test"] as const) {
        assert.deepStrictEqual(Uint8Array.from(other[split].pixels), Uint8Array.from(plain[split].pixels))
        assert.deepStrictEqual(Array.from(other[split].labels ?? []), Array.from(plain[split].labels ?? []))
      }
      assert.property(other.digests, "train-images-idx3-ubyte.gz")
    })
  )

  it.effect(
    "reads names in capital letters, records digests under one spelling, and compares them with SHA256SUMS from Windows",
    () =>
      Effect.gen(function* () {
        const plain = yield* load(sound)
        const shouted = Object.fromEntries(
          Object.entries(sound).map(([name, bytes]) => [name.toUpperCase().replace("-IDX", ".IDX"), bytes])
        )
        const lines = Object.entries(plain.digests).map(
          ([name, digest]) => `${digest.toUpperCase()} *.\\${name.toUpperCase().replace("-IDX", ".IDX")}\r\n`
        )
        const sums = new TextEncoder().encode(`\ufeff${lines.join("")}`)
        assert.deepStrictEqual((yield* load({ ...shouted, "sha256sums.txt": sums })).digests, plain.digests)
        const altered = yield* errorOf({ ...sound, "t10k-labels-idx1-ubyte": images(4), "Sha256sums.txt": sums })
        assert.strictEqual(altered.message.includes("does not name t"), true, altered.message)
        const error = yield* errorOf({ ...shouted, "T10K-LABELS.IDX1-UBYTE": labels(5), SHA256SUMS: sums })
        assert.match(error.message, /T10K-LABELS\.IDX1-UBYTE: SHA-256 [0-9a-f]{64} expected, [0-9a-f]{64} found/)
        const two = yield* errorOf({ ...shouted, SHA256SUMS: sums, "sha256sums.txt": sums })
        assert.include(two.message, "SHA256SUMS: there is sha256sums.txt as well")
        const twice = yield* errorOf({ ...shouted, "Train-Images.idx3-ubyte": images(3) })
        assert.include(twice.message, "it holds TRAIN-IMAGES.IDX3-UBYTE and Train-Images.idx3-ubyte: leave the one")
      })
  )

  it.effect.each<readonly [name: string, files: Files, message: string]>([
    [
      "another data set's IDX files",
      { "emnist-letters-train-images-idx3-ubyte.gz": images(1) },
      "; it holds emnist-letters-train-images-idx3-ubyte.gz"
    ],
    [
      "CIFAR-10",
      { "data_batch_1.bin": images(1) },
      "; it holds CIFAR-10's binary files (data_batch_1.bin); read them by --dataset cifar10:PATH"
    ],
    [
      "Keras's archive",
      { "mnist.npz": images(1) },
      "; it holds an archive of NumPy's (such as Keras's mnist.npz) (mnist.npz); fetch the files themselves"
    ],
    ["a table", { "mnist_train.csv": images(1) }, "; it holds a table (CSV) (mnist_train.csv); fetch"],
    ["images", { "a.JPG": images(1) }, "; it holds image files (a.JPG); read them by --dataset folder:PATH"]
  ])("says what it found instead: %s", ([, files, message]) =>
    Effect.map(errorOf(files), (error) => assert.include(error.message, message))
  )

  it.effect("says in which folder below the files are, and that a file is no folder", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* folderOf({ "MNIST.tar.gz": gzipSync(images(1)) })
      yield* fs.makeDirectory(`${directory}/MNIST/raw`, { recursive: true })
      for (const [name, bytes] of Object.entries(sound))
        if (bytes) yield* fs.writeFile(`${directory}/MNIST/raw/${name}`, bytes)
      const message = (path: string) =>
        Effect.map(
          Effect.flip(Effect.provide(Dataset, layerIdxFolder({ directory: path }), { local: true })),
          (error) => error.message
        )
      assert.include(yield* message(directory), `; it is in ${directory}/MNIST/raw: give that folder`)
      assert.include(yield* message(`${directory}/MNIST`), `; it is in ${directory}/MNIST/raw: give that folder`)
      assert.include(yield* message(`${directory}/MNIST.tar.gz`), "a packed archive; unpack it")
      assert.include(yield* message(`${directory}/MNIST/raw/t10k-labels-idx1-ubyte`), "IDX files")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("takes another number for validation, also none, but not all", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* load(sound, { validationCount: 12 })).training.count, 1)
      assert.strictEqual((yield* load(sound, { validationCount: 0 })).validation.count, 0)
      for (const validationCount of [13, -1, 0.5]) {
        const error = yield* errorOf(sound, { validationCount })
        assert.strictEqual(error.reason, "Mismatch")
        assert.include(error.message, `of 13 training images, ${validationCount} cannot`)
      }
    })
  )

  it.effect("does without labels only if told so", () =>
    Effect.gen(function* () {
      const unlabelled: Files = { ...sound, "train-labels-idx1-ubyte": undefined, "t10k-labels-idx1-ubyte": undefined }
      assert.isUndefined((yield* load(unlabelled, { labels: false })).training.labels)
      const error = yield* errorOf(unlabelled)
      assert.strictEqual(error.reason, "Missing")
      assert.include(error.message, "no training labels: a file named train-labels-idx1-ubyte or")
    })
  )

  it.effect("says which folder is missing", () =>
    Effect.gen(function* () {
      const missing = layerIdxFolder({ directory: "/nowhere/at/all" })
      const error = yield* Effect.flip(Effect.provide(Dataset, missing))
      assert.strictEqual(error.reason, "Missing")
      assert.include(error.message, "/nowhere/at/all: there is no such folder")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says that the test files are missing, and how they may be named", () =>
    Effect.gen(function* () {
      const error = yield* errorOf({ ...sound, "t10k-images-idx3-ubyte": undefined })
      assert.strictEqual(error.reason, "Missing")
      assert.include(error.message, "no test images")
      assert.include(error.message, "t10k-images-idx3-ubyte.gz")
    })
  )

  it.effect.each([
    ["cut short", images(13).subarray(0, 50), "94 bytes expected, 50 found"],
    ["longer than it says", Uint8Array.of(...images(13), 0), "95 bytes where its header states 94"],
    ["the labels", labels(13), "0x00000801 instead of 0x00000803"],
    ["empty", new Uint8Array(0), "16 bytes expected, 0 found"],
    ["a cut gzip file", gzipSync(images(13)).subarray(0, -12), "cut short"],
    ["a gzip file cut in its header", gzipSync(images(13)).subarray(0, 12), "16 bytes expected"],
    ["gzip of a cut file", gzipSync(images(13).subarray(0, 50)), "94 bytes expected, 50 found"],
    ["gzip of something else", gzipSync(labels(13)), "0x00000801 instead of 0x00000803"],
    ["damaged gzip", gzipSync(images(13)).fill(0xff, 12, 30), "damaged"],
    ["a ZIP archive", new TextEncoder().encode("PK\x03\x04 and so on, and on"), "it is a ZIP archive"],
    [
      "a web page",
      new TextEncoder().encode("<!DOCTYPE html><html></html>"),
      "it is a web page: the download went wrong, not"
    ],
    ["a gzip bomb", gzipSync(Uint8Array.of(...images(13), ...new Uint8Array(100_000))), "more than the 94 bytes"]
  ] as const)("refuses images that are %s", ([, bytes, message]) =>
    Effect.gen(function* () {
      const error = yield* errorOf({ ...sound, "train-images-idx3-ubyte": bytes })
      assert.strictEqual(error.reason, "Malformed")
      assert.include(error.file, "train-images-idx3-ubyte")
      assert.include(error.message, message)
    })
  )

  it.effect("refuses labels of another number", () =>
    Effect.gen(function* () {
      const error = yield* errorOf({ ...sound, "t10k-labels-idx1-ubyte": labels(5) })
      assert.strictEqual(error.reason, "Mismatch")
      assert.include(error.file, "t10k-labels-idx1-ubyte")
      assert.include(error.message, "5 labels for the 4 images of t10k-images-idx3-ubyte")
    })
  )

  it.effect("refuses test images of another size", () =>
    Effect.gen(function* () {
      const error = yield* errorOf({ ...sound, "t10k-images-idx3-ubyte": images(4, 3, 2) })
      assert.strictEqual(error.reason, "Mismatch")
      assert.include(error.message, "2 rows and 3 columns, the test images 3 and 2")
    })
  )

  it.effect("says when a file is there but cannot be read", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* folderOf({ ...sound, "train-images-idx3-ubyte": undefined })
      yield* fs.makeDirectory(`${directory}/train-images-idx3-ubyte`)
      const error = yield* Effect.flip(Effect.provide(Dataset, layerIdxFolder({ directory })))
      assert.strictEqual(error.reason, "Unreadable")
      assert.include(error.message, "train-images-idx3-ubyte: it cannot be read")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
