import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { blue, green, grey, inFolder, loaded, type Options, red, write } from "../../../support/imageFolders.ts"

describe("layerImageFolder", () => {
  it.effect("takes sub-folders for classes, in the order of their names, and labels.csv before them", () =>
    inFolder({ "dog/1.png": red, "dog/old/2.png": green, "cat/3.png": blue }, (folder) =>
      Effect.gen(function* () {
        const whole = { split: "last", validation: 0, test: 1 } as const
        const labelsOf = (options: Options) =>
          Effect.map(loaded(folder, options), ({ training, test }) =>
            training.labels === undefined ? undefined : [...training.labels, ...(test.labels ?? [])]
          )
        assert.deepStrictEqual(yield* labelsOf(whole), [0, 1, 1])
        yield* write(folder, { "labels.csv": "file,label\ncat/3.png,7\ndog/1.png,7\ndog/old/2.png,0\n" })
        assert.deepStrictEqual(yield* labelsOf(whole), [7, 7, 0])
        assert.deepStrictEqual(yield* labelsOf({ ...whole, labels: "folders" }), [0, 1, 1])
        assert.isUndefined(yield* labelsOf({ ...whole, labels: "none" }))
      })
    )
  )

  it.effect("takes folders train and test for the splits", () =>
    inFolder({ "train/a/1.png": red, "train/b/2.png": green, "train/b/3.png": red, "test/b/1.png": green }, (folder) =>
      Effect.gen(function* () {
        const { training, validation, test } = yield* loaded(folder, { validation: 1 })
        assert.deepStrictEqual([training.count, validation.count, test.count], [2, 1, 1])
        assert.deepStrictEqual([...(training.labels ?? []), ...(test.labels ?? [])], [0, 1, 1])
        yield* write(folder, { "validation/a/9.png": red })
        const three = yield* loaded(folder)
        assert.deepStrictEqual([three.training.count, three.validation.count, three.test.count], [3, 1, 1])
      })
    )
  )

  it.effect("takes Train, TESTING and Val for the splits: no test image is trained on", () =>
    inFolder({ "Train/1.png": red, "Train/2.png": red, "TESTING/1.png": green, "Val/1.png": blue }, (folder) =>
      Effect.gen(function* () {
        const { training, validation, test } = yield* loaded(folder)
        assert.deepStrictEqual([training.count, validation.count, test.count], [2, 1, 1])
        assert.isUndefined(training.labels)
        assert.deepStrictEqual([training.pixels[0], training.pixels[24], test.pixels[24]], [255, 0, 255])
      })
    )
  )

  it.effect("divides the images of a folder train by split and splitSeed as well", () => {
    const train = Array.from({ length: 12 }, (_, n) => [`train/${10 + n}.png`, grey(1, 1, () => n)] as const)
    return inFolder({ ...Object.fromEntries(train), "test/a.png": grey(1, 1, () => 99) }, (folder) =>
      Effect.gen(function* () {
        const divided = (options: Options) =>
          Effect.map(loaded(folder, { validation: 3, ...options }), ({ training, validation, test }) => {
            assert.deepStrictEqual([...test.pixels], [99])
            const sorted = [...training.pixels, ...validation.pixels].sort((a, b) => a - b)
            assert.deepStrictEqual(sorted, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
            return [...validation.pixels]
          })
        assert.deepStrictEqual(yield* divided({ split: "last" }), [9, 10, 11])
        const drawn = yield* Effect.forEach([0, 1, 2], (splitSeed) => divided({ splitSeed }))
        assert.strictEqual(new Set(drawn.map(String)).size, 3)
        assert.deepStrictEqual(yield* divided({}), drawn[0])
      })
    )
  })

  it.effect("matches names in labels.csv however a system writes them", () =>
    inFolder({ "d/e\u0301.png": red, "d/\u00f6.png": green, "x.png": blue }, (folder, fs) =>
      Effect.gen(function* () {
        const lines = ["File,Label", "d/\u00e9.png,caf\u00e9", "d/o\u0308.png,b", "x.png,caf\u00e9", ""]
        const labels = Effect.map(loaded(folder, { split: "last", validation: 0, test: 1 }), ({ training, test }) => [
          ...(training.labels ?? []),
          ...(test.labels ?? [])
        ])
        yield* fs.writeFileString(`${folder}/labels.csv`, lines.join("\n"))
        const plain = yield* labels
        assert.deepStrictEqual(plain, [1, 0, 1])
        const windows = lines.join("\r\n").replaceAll("/", "\\").replaceAll(",", ";")
        yield* fs.writeFileString(`${folder}/labels.csv`, `\ufeff${windows}`)
        assert.deepStrictEqual(yield* labels, plain)
        const apple = ["File,Label", ...lines.slice(1).map((line) => (line === "" ? "" : `./${line}`))].join("\r")
        yield* fs.remove(`${folder}/labels.csv`)
        yield* fs.writeFileString(`${folder}/Labels.CSV`, apple.normalize("NFD"))
        assert.deepStrictEqual(yield* labels, plain)
      })
    )
  )
})
