import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp from "sharp"
import { decodeNpy } from "../../../src/domain/data/npy.ts"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { bytesBelow, type Ended, fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** Images of 6 rows and 8 columns in colour, each its own. */
const image = (n: number, height = 6, width = 8): Promise<Uint8Array> =>
  sharp(
    Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * (n + 3) + 40 * n) % 256),
    { raw: { width, height, channels: 3 } }
  )
    .png()
    .toBuffer()

type Files = Readonly<Record<string, Promise<Uint8Array> | string>>

const sound: Files = Object.fromEntries(
  Array.from({ length: 12 }, (_, n) => [`${n % 2 === 0 ? "even" : "odd"}/${n}.png`, image(n)])
)

const write = Effect.fnUntraced(function* (folder: string, files: Files) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`
    yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : yield* Effect.promise(() => content)
    yield* fs.writeFile(path, bytes)
  }
}, Effect.orDie)

/** The command line with its cache in the test's folder. */
const cached = (folder: string, ...args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.provideService(
    fovea(...args),
    ConfigProvider.ConfigProvider,
    ConfigProvider.fromUnknown({ FOVEA_CACHE: `${folder}/cache` })
  )

const train = (folder: string, changes: object = {}, ...more: ReadonlyArray<string>) =>
  Effect.flatMap(
    writeConfig(folder, deepMerge(deepMerge(tinyJson, { training: { epochs: 1 } }), { ...changes })),
    (config) =>
      cached(
        folder,
        ...["train", "--config", config, "--out", `${folder}/run`],
        ...(more.includes("--dataset") ? [] : ["--dataset", `folder:${folder}/data`]),
        ...more
      )
  )

describe("a folder of one's own images", () => {
  it.effect(
    "in colour and wider than high goes through every command",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          yield* write(`${folder}/data`, sound)
          const trained = yield* train(folder, {}, "--figures", "--tensorboard")
          assert.strictEqual(trained.stderr, "")
          assert.lengthOf(yield* fs.readDirectory(`${folder}/cache`), 1)
          for (const name of ["training-images", "samples", "steps", "single-latents", "wild-latents"]) {
            const { channels } = yield* Effect.promise(() => sharp(`${folder}/run/figures/${name}.png`).metadata())
            assert.strictEqual(channels, 3, name)
          }
          const checkpoint = ["--checkpoint", `${folder}/run`, "--count", "12"]
          const sample = (out: string) => cached(folder, "sample", ...checkpoint, "--out", `${folder}/${out}`)
          const opening = `Opening ${folder}/run to draw 12 images`
          assert.strictEqual((yield* sample("sheet.png")).stderr, opening)
          assert.strictEqual((yield* sample("samples.npy")).stderr, opening)
          const { channels, width } = yield* Effect.promise(() => sharp(`${folder}/sheet.png`).metadata())
          assert.deepStrictEqual([channels, width], [3, 10 * (3 * 8 + 3) + 3])
          const npy = decodeNpy(yield* fs.readFile(`${folder}/samples.npy`))
          assert.deepStrictEqual(npy._tag === "Success" && npy.success.shape, [12, 3, 6, 8])
          const windows = yield* cached(folder, "windows", ...checkpoint, "--json")
          assert.strictEqual(windows.stderr, "")
          assert.lengthOf(JSON.parse(windows.stdout).steps, 2)
          assert.match((yield* cached(folder, "windows", ...checkpoint)).stdout, /centre in a part's box/)
          const replayed = yield* cached(folder, "replay", `${folder}/run`)
          assert.match(replayed.stdout, /are the same to the bit/)
          const verified = yield* cached(folder, "verify", `${folder}/cache`)
          assert.match(verified.stdout, /intact.*12 images/)
        })
      ),
    120_000
  )

  it.effect("that changed, or is read otherwise, is not the data of the checkpoint; and nothing is lost", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* write(`${folder}/data`, sound)
        assert.strictEqual((yield* train(folder)).stderr, "")
        const before = yield* bytesBelow(`${folder}/run`)
        const grey = yield* train(folder, { dataset: { kind: "folder", directory: "x", channels: "grey" } })
        assert.match(messageOf(grey), /^format\.channels: the checkpoint was made with 3, but 1 is asked for/)
        yield* write(`${folder}/data`, { "odd/1.png": image(99) })
        assert.match(
          messageOf(yield* train(folder)),
          /^dataset: not the data that the checkpoint was trained on: training differs: SHA-256 [0-9a-f]{64} there, SHA-256 [0-9a-f]{64} here/
        )
        const other = yield* cached(folder, "evaluate", "--checkpoint", `${folder}/run`, "--dataset", "mnist")
        assert.match(
          messageOf(other),
          /^--checkpoint: the model in .* draws images of 6 rows, 8 columns and 3 channels, but those of the data set are images of 28 rows/
        )
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run`), before)
      })
    )
  )

  it.effect(
    "is known by its digests: moved, the run goes on and is replayed where it lies; other images are named",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          yield* write(`${folder}/data`, sound)
          assert.strictEqual((yield* train(folder)).stderr, "")
          yield* fs.rename(`${folder}/data`, `${folder}/moved`)
          const lost = yield* cached(folder, "replay", `${folder}/run`)
          assert.match(
            messageOf(lost),
            /data: there is no such folder; .*; if the data lie elsewhere now than recorded, say where by --dataset$/
          )
          const replayed = yield* cached(folder, "replay", `${folder}/run`, "--dataset", `folder:${folder}/moved/`)
          assert.include(replayed.stdout, "are the same to the bit")
          const further = yield* train(folder, { training: { epochs: 2 } }, "--dataset", `folder:${folder}/./moved`)
          assert.strictEqual(further.stderr, "")
          yield* write(`${folder}/moved`, { "odd/1.png": image(99) })
          const other = yield* cached(folder, "replay", `${folder}/run`, "--dataset", `folder:${folder}/moved`)
          assert.match(
            messageOf(other),
            /^dataset: not the data that the checkpoint was trained on: training differs: SHA-256 [0-9a-f]{64} there, SHA-256 [0-9a-f]{64} here/
          )
        })
      )
  )

  it.effect.each<readonly [name: string, files: Files, changes: object, message: RegExp]>([
    ["without images", {}, {}, /data: the folder holds no images$/],
    ["with one image", { "a.png": image(1) }, {}, /data: of 1 image, 0 for validation and 1 for testing leave none/],
    [
      "of mixed sizes without a crop rule",
      { "a.png": image(1), "b.png": image(2, 8, 8) },
      {},
      /data: the images are of different sizes \(b\.png is 8 wide and 8 high, a\.png 8 wide and 6 high\).*set dataset\.crop/
    ],
    [
      "with a text file named .png",
      { "a.png": image(1), "b.png": "text" },
      {},
      /data\/b\.png: it is not an image that can be read/
    ],
    [
      "smaller than the filters",
      sound,
      { model: { filters: 7 } },
      /^model\.filters: 7 x 7 filters do not fit images of 6 x 8 pixels$/
    ],
    [
      "with fewer images than a batch",
      sound,
      { training: { batchSize: 100 } },
      /^training\.batchSize: a batch of 100 cannot be taken from 8 training images$/
    ],
    [
      "with a crop rule and no size",
      sound,
      { dataset: { kind: "folder", directory: "x", crop: "centre" } },
      /config\.json: dataset\.height: is missing: the crop rule "centre" needs the height and width of an image$/
    ]
  ])("%s is refused in one line, and nothing is written", ([, files, changes, message]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* write(`${folder}/data`, files)
        assert.match(messageOf(yield* train(folder, changes)), message)
        assert.isFalse(yield* fs.exists(`${folder}/run/checkpoints`))
      })
    )
  )

  it.effect("needs its path", () =>
    Effect.map(fovea("train", "--dataset", "folder:"), (ended) =>
      assert.match(messageOf(ended), /^--dataset: expected the path of a folder behind "folder:"$/)
    )
  )
})

describe("--dataset with a file of settings", () => {
  it.effect("takes them, and names what is wrong in them", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* write(`${folder}/data`, sound)
        const settings = { kind: "folder", directory: `${folder}/data`, height: 6, width: 6, crop: "centre" }
        const run = (json: object) =>
          Effect.gen(function* () {
            const config = yield* writeConfig(folder, deepMerge(tinyJson, { training: { epochs: 1 } }))
            yield* fs.writeFileString(`${folder}/data.json`, JSON.stringify(json))
            const out = ["--dataset", `${folder}/data.json`, "--out", `${folder}/run`]
            return yield* cached(folder, "train", "--config", config, ...out)
          })
        assert.match(
          messageOf(yield* run({ ...settings, crop: "round" })),
          /dataset\.crop: expected "none" \| "centre"/
        )
        assert.strictEqual((yield* run(settings)).stderr, "")
      })
    )
  )
})
