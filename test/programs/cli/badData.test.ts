import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { bytesBelow, fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

const images = (count: number, first = 0) =>
  encodeIdx({
    shape: [count, 6, 5],
    values: Uint8Array.from({ length: count * 30 }, (_, i) => (first + i * 7) % 256)
  })
const labels = (count: number) =>
  encodeIdx({ shape: [count], values: Uint8Array.from({ length: count }, (_, i) => i % 10) })

type Files = Readonly<Record<string, Uint8Array | undefined>>

const sound: Files = {
  "train-images-idx3-ubyte": images(24),
  "train-labels-idx1-ubyte": labels(24),
  "t10k-images-idx3-ubyte": images(6),
  "t10k-labels-idx1-ubyte": labels(6)
}

const writeData = Effect.fnUntraced(function* (folder: string, files: Files) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(`${folder}/data`, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes !== undefined) yield* fs.writeFile(`${folder}/data/${name}`, bytes)
  }
}, Effect.orDie)

const train = (folder: string) =>
  Effect.flatMap(writeConfig(folder, deepMerge(tinyJson, { training: { epochs: 1 } })), (config) =>
    fovea("train", "--config", config, "--dataset", `${folder}/data`, "--out", `${folder}/run`)
  )

const withMagic = (magic: number): Uint8Array => {
  const bytes = images(24)
  new DataView(bytes.buffer).setUint32(0, magic)
  return bytes
}

describe("a folder of IDX files", () => {
  it.effect("that is sound is trained on", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* writeData(folder, sound)
        assert.deepStrictEqual((yield* train(folder)).stderr, "")
      })
    )
  )

  it.effect.each<readonly [name: string, files: Files, message: RegExp]>([
    ["no such folder", {}, /data: the folder has no training images: a file named train-images-idx3-ubyte or /],
    ["labels missing", { ...sound, "train-labels-idx1-ubyte": undefined }, /data: the folder has no training labels: /],
    [
      "cut short",
      { ...sound, "train-images-idx3-ubyte": images(24).subarray(0, 400) },
      /data\/train-images-idx3-ubyte: The IDX data is cut short: 736 bytes expected, 400 found/
    ],
    [
      "cut short within the header",
      { ...sound, "t10k-labels-idx1-ubyte": labels(6).subarray(0, 5) },
      /data\/t10k-labels-idx1-ubyte: The IDX data is cut short: 8 bytes expected, 5 found/
    ],
    [
      "of another magic number",
      { ...sound, "train-images-idx3-ubyte": withMagic(0x0d03) },
      /data\/train-images-idx3-ubyte: The IDX data begins with the magic number 0x00000d03 instead of 0x00000803/
    ],
    [
      "with labels of another length",
      { ...sound, "train-labels-idx1-ubyte": labels(23) },
      /data\/train-labels-idx1-ubyte: it has 23 labels for the 24 images of train-images-idx3-ubyte/
    ]
  ])("%s", ([, files, message]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* writeData(folder, files)
        const before = yield* bytesBelow(`${folder}/data`)
        assert.match(messageOf(yield* train(folder)), message)
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/data`), before)
      })
    )
  )

  it.effect("that is not there", () =>
    inFolder((folder) =>
      Effect.map(train(folder), (ended) =>
        assert.match(messageOf(ended), /data: there is no such folder; give the one/)
      )
    )
  )

  it.effect("that changed since the checkpoint was made is named, and the run stays as it is", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* writeData(folder, sound)
        assert.strictEqual((yield* train(folder)).code, 0)
        const before = yield* bytesBelow(`${folder}/run`)
        yield* writeData(folder, { "train-images-idx3-ubyte": images(24, 1) })
        assert.match(
          messageOf(yield* train(folder)),
          /^dataset: not the data that the checkpoint was trained on: train-images-idx3-ubyte differs/
        )
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run`), before)
      })
    )
  )
})
