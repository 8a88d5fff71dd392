import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import { systemError } from "effect/PlatformError"
import sharp from "sharp"
import { Dataset } from "../../../../src/layers/dataset/Dataset.ts"
import { type ImageFolderOptions, layerImageFolder } from "../../../../src/layers/dataset/folder/imageFolder.ts"
import { withWarnings } from "../../../support/withWarnings.ts"
import { datasetContract } from "../datasetContract.ts"

type Content = Promise<Uint8Array> | string
type Files = Readonly<Record<string, Content>>

const solid = (height: number, width: number, colour: readonly [number, number, number]) =>
  sharp(
    Uint8Array.from({ length: height * width * 3 }, (_, i) => colour[i % 3] ?? 0),
    {
      raw: { width, height, channels: 3 }
    }
  )
const grey = (height: number, width: number, values: (i: number) => number) =>
  sharp(
    Uint8Array.from({ length: height * width }, (_, i) => values(i)),
    { raw: { width, height, channels: 1 } }
  )
    .toColourspace("b-w")
    .png()
    .toBuffer()
const red = solid(4, 6, [255, 0, 0]).png().toBuffer()
const green = solid(4, 6, [0, 255, 0]).webp({ lossless: true }).toBuffer()
const blue = solid(4, 6, [0, 0, 255]).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer()

const write = Effect.fnUntraced(function* (folder: string, files: Files) {
  const fs = yield* FileSystem.FileSystem
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`
    yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : yield* Effect.promise(() => content)
    yield* fs.writeFile(path, bytes)
  }
})

type Options = Omit<ImageFolderOptions, "directory">
const loaded = (directory: string, options: Options = {}) =>
  Dataset.pipe(Effect.provide(layerImageFolder({ directory, ...options }), { local: true }))

const inFolder = <A, E>(
  files: Files,
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-pictures-" })
    yield* write(folder, files)
    return yield* test(folder, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const refused = (files: Files, options: Options = {}) =>
  inFolder(files, (folder) =>
    Effect.map(Effect.flip(loaded(folder, options)), ({ message }) => message.split(folder).join("F"))
  )

describe("layerImageFolder", () => {
  it.effect("reads PNG, JPEG and WebP in colour, the last images for validation and test", () =>
    inFolder({ "a.png": red, "b.webp": green, "c.jpg": blue, ".hidden": "no image" }, (folder) =>
      Effect.gen(function* () {
        const { name, training, validation, test } = yield* loaded(folder, { split: "last", validation: 1, test: 1 })
        assert.match(name, /^folder:fovea-pictures-/)
        for (const split of [training, validation, test]) {
          assert.deepStrictEqual([split.count, split.channels, split.height, split.width], [1, 3, 4, 6])
          assert.isUndefined(split.labels)
        }
        const planes = (pixels: Uint8Array) => [pixels[0], pixels[24], pixels[48]]
        assert.deepStrictEqual(planes(training.pixels), [255, 0, 0])
        assert.deepStrictEqual(planes(validation.pixels), [0, 255, 0])
        const [r = 255, g = 255, b = 0] = planes(test.pixels)
        assert.isTrue(r <= 2 && g <= 2 && b >= 253)
      })
    )
  )

  it.effect("keeps grey images grey and exact, and makes colours grey or grey coloured if asked", () =>
    inFolder({ "a.png": grey(2, 3, (i) => 40 * i), "b.png": grey(2, 3, (i) => 200 - i) }, (folder) =>
      Effect.gen(function* () {
        const { training } = yield* loaded(folder, { split: "last" })
        assert.deepStrictEqual([training.channels, training.height, training.width], [1, 2, 3])
        assert.deepStrictEqual(training.pixels, Uint8Array.of(0, 40, 80, 120, 160, 200))
        const inColour = (yield* loaded(folder, { split: "last", channels: "colour" })).training
        assert.deepStrictEqual(
          inColour.pixels,
          Uint8Array.from({ length: 18 }, (_, i) => 40 * (i % 6))
        )
        yield* write(folder, { "a.png": solid(2, 3, [255, 0, 0]).png().toBuffer() })
        const made = (yield* loaded(folder, { split: "last", channels: "grey" })).training
        assert.deepStrictEqual(made.pixels, new Uint8Array(6).fill(Math.round(0.2126 * 255)))
      })
    )
  )

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

  it.effect("gives the same data, by digest and order, whether names are composed or not", () =>
    Effect.gen(function* () {
      const files = { "z.png": red, "\u00e9a.png": green, "e\u0301b.png": blue, "f.png": red }
      const digests = (form: "NFC" | "NFD") =>
        inFolder(
          Object.fromEntries(Object.entries(files).map(([name, file]) => [name.normalize(form), file])),
          (folder) => Effect.map(loaded(folder), (data) => data.digests)
        )
      assert.deepStrictEqual(yield* digests("NFC"), yield* digests("NFD"))
    })
  )

  it.effect("crops and resizes by its rule, and turns images the right way up", () => {
    // Left half white, right half black; then the same lying on its side, as a camera stores it.
    const halves = (i: number) => (i % 8 < 4 ? 255 : 0)
    const lying = grey(4, 8, halves).then((png) => sharp(png).withMetadata({ orientation: 6 }).png().toBuffer())
    return inFolder({ "a.png": grey(4, 8, halves), "b.png": grey(4, 8, halves) }, (folder) =>
      Effect.gen(function* () {
        const first = (options: Options) =>
          Effect.map(loaded(folder, { split: "last", validation: 0, test: 1, ...options }), ({ training }) => [
            ...training.pixels
          ])
        const rows = (count: number, row: ReadonlyArray<number>) => Array.from({ length: count }, () => row).flat()
        assert.deepStrictEqual(yield* first({ height: 4, width: 4, crop: "centre" }), rows(4, [255, 255, 0, 0]))
        assert.deepStrictEqual(yield* first({ height: 8, width: 8, crop: "pad" }), [
          ...rows(2, new Array<number>(8).fill(0)),
          ...rows(4, [255, 255, 255, 255, 0, 0, 0, 0]),
          ...rows(2, new Array<number>(8).fill(0))
        ])
        const small = yield* first({ height: 2, width: 4 })
        assert.isTrue(small.every((value, i) => Math.abs(value - (i % 4 < 2 ? 255 : 0)) < 40))
        assert.lengthOf(yield* first({ height: 3, width: 5, crop: "stretch" }), 15)
        yield* write(folder, { "a.png": lying, "b.png": lying })
        const turned = yield* loaded(folder, { split: "last", validation: 0, test: 1, channels: "grey" })
        assert.deepStrictEqual([turned.training.height, turned.training.width], [8, 4])
        assert.deepStrictEqual(
          [...turned.training.pixels],
          [...rows(4, [255, 255, 255, 255]), ...rows(4, [0, 0, 0, 0])]
        )
      })
    )
  })

  it.effect("keeps what it decoded, notices a changed image, and decodes again what was damaged", () =>
    inFolder({ "in/a.png": red, "in/b.png": green, "in/c.png": red }, (folder, fs) =>
      Effect.gen(function* () {
        const [from, cache] = [`${folder}/in`, `${folder}/cache/deep`]
        const options: Options = { cache, split: "last" }
        const kept = Effect.map(fs.readDirectory(cache), (names) => names.sort())
        const fresh = yield* loaded(from, options)
        const [name = ""] = yield* kept
        assert.match(name, /^[0-9a-f]{64}\.pictures$/)
        // Whatever stands in the cache is what is taken: pixels with a digest of their own would come through.
        const stamp = yield* fs.stat(`${cache}/${name}`)
        assert.deepStrictEqual(yield* loaded(from, options), fresh)
        assert.deepStrictEqual((yield* fs.stat(`${cache}/${name}`)).mtime, stamp.mtime)
        // Other splits are other uses of the same images.
        yield* loaded(from, { ...options, split: "random" })
        assert.lengthOf(yield* kept, 1)

        const bytes = yield* fs.readFile(`${cache}/${name}`)
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        yield* fs.writeFile(`${cache}/${name}`, bytes)
        const { result, lines } = yield* withWarnings(loaded(from, options))
        assert.deepStrictEqual(result, fresh)
        assert.match(
          lines.join(),
          /\.pictures is damaged \(its pixels are not those that were written\): the images are decoded again/
        )

        yield* write(from, { "a.png": green })
        const changed = yield* loaded(from, options)
        assert.notStrictEqual(changed.digests["picture files"], fresh.digests["picture files"])
        assert.notDeepEqual(changed.training.pixels, fresh.training.pixels)
        assert.lengthOf(yield* kept, 2)
      })
    )
  )

  it.effect("keeps one image by each rule apart: crop, size and channels give other pixels out of one cache", () => {
    const wide = (n: number) =>
      sharp(
        Uint8Array.from({ length: 4 * 8 * 3 }, (_, i) => (i * 5 + 40 * n) % 256),
        { raw: { width: 8, height: 4, channels: 3 } }
      )
        .png()
        .toBuffer()
    return inFolder({ "in/a.png": wide(0), "in/b.png": wide(1), "in/c.png": wide(2) }, (folder, fs) =>
      Effect.gen(function* () {
        const cache = `${folder}/cache`
        const square = { height: 4, width: 4 }
        const rules: ReadonlyArray<Options> = [
          {},
          { channels: "grey" },
          { ...square, crop: "centre" },
          { ...square, crop: "pad" },
          { ...square, crop: "stretch" },
          { height: 3, width: 6, crop: "none" },
          { height: 4, width: 6, crop: "stretch" },
          { height: 6, width: 4, crop: "stretch" }
        ]
        const pixels = (options: Options) =>
          Effect.map(loaded(`${folder}/in`, { split: "last", ...options }), ({ training }) => training.pixels.join())
        const fresh = yield* Effect.forEach(rules, pixels)
        assert.strictEqual(new Set(fresh).size, rules.length)
        for (const _ of ["decoded", "from the cache"]) {
          assert.deepStrictEqual(yield* Effect.forEach(rules, (rule) => pixels({ ...rule, cache })), fresh)
          assert.lengthOf(yield* fs.readDirectory(cache), rules.length)
        }
      })
    )
  })

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

  it.effect("goes on without a cache that cannot be written", () =>
    inFolder({ "in/a.png": red, "in/b.png": green, file: "in the way" }, (folder) =>
      Effect.gen(function* () {
        const { result, lines } = yield* withWarnings(loaded(`${folder}/in`, { cache: `${folder}/file/cache` }))
        assert.strictEqual(result.training.count, 1)
        assert.match(lines.join(), /Decoded images are not kept: .*cannot be written/)
      })
    )
  )

  it.effect("refuses files that are no images, all by name, or skips them with a warning", () =>
    Effect.gen(function* () {
      const cut = red.then((file) => file.subarray(0, file.length - 20))
      const files = { "a.png": red, "b.png": green, "c.png": "text", "d.png": cut, "notes.txt": "text" }
      const message = yield* refused(files)
      assert.match(message, /^F: 3 of 5 files are no images that can be read: c\.png: it is not an image/)
      assert.match(message, /; d\.png: the image is damaged: .*; notes\.txt: .* Or set dataset\.unreadable to "skip"$/)
      assert.match(yield* refused({ "a.png": red, "c.png": "text" }), /^F\/c\.png: it is not an image that can be read/)
      assert.match(yield* refused({ "c.png": "text" }, { unreadable: "skip" }), /^F: 1 of 1 files are no images/)
      yield* inFolder(files, (folder) =>
        Effect.gen(function* () {
          const options: Options = { unreadable: "skip", split: "last", cache: `${folder}/.cache` }
          for (const _ of ["decoded", "from the cache"]) {
            const { result, lines } = yield* withWarnings(loaded(folder, options))
            assert.strictEqual(result.training.count + result.test.count, 2)
            assert.deepStrictEqual([result.training.pixels[0], result.test.pixels[0]], [255, 0])
            assert.match(lines.join(), /3 of 5 files are no images that can be read: c\.png: .*They are passed over/)
          }
        })
      )
      const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.png`, "text"]))
      assert.match(yield* refused(many), /^F: 12 of 12 files are no images that can be read \(and 2 more\): /)
    })
  )

  it.effect("skips no image that the system cannot read now, whenever that is", () =>
    inFolder({ "a.png": red, "b.png": green }, (folder, fs) =>
      Effect.gen(function* () {
        // The first look is that of the listing; the others are to take its digest, its size and its pixels.
        for (const failing of [2, 3, 4]) {
          let looks = 0
          const cause = new Error("EMFILE: too many open files, open")
          const busy = FileSystem.FileSystem.of({
            ...fs,
            stat: (path) =>
              path.endsWith("b.png") && ++looks === failing
                ? Effect.fail(systemError({ _tag: "Unknown", module: "FileSystem", method: "stat", cause }))
                : fs.stat(path)
          })
          const skipping = Effect.flip(loaded(folder, { unreadable: "skip" }))
          const { message } = yield* Effect.provideService(skipping, FileSystem.FileSystem, busy)
          const said = "it cannot be read: EMFILE: too many open files, open. Close other programs, or raise the limit"
          assert.include(message, `${folder}/b.png: ${said}`)
        }
      })
    )
  )

  it.effect.each<readonly [name: string, files: Files, options: Options, message: RegExp]>([
    ["no images", {}, {}, /^F: the folder holds no images$/],
    ["one image", { "a.png": red }, {}, /^F: of 1 image, 0 for validation and 1 for testing leave none for training$/],
    [
      "mixed sizes without a crop rule",
      { "a.png": red, "b.png": grey(5, 6, () => 0) },
      {},
      /^F: the images are of different sizes \(b\.png is 6 wide and 5 high, a\.png 6 wide and 4 high\) and there is no crop rule: set dataset\.crop/
    ],
    [
      "another shape without a crop rule",
      { "a.png": red, "b.png": red },
      { height: 4, width: 4 },
      /^F: the images are 6 wide and 4 high, which is not the shape of 4 wide and 4 high, and there is no crop rule/
    ],
    [
      "an image outside of the classes",
      { "a.png": red, "cat/b.png": red },
      {},
      /^F: a\.png lies in none of the folders that are classes: put it into one, or set dataset\.labels to "none"$/
    ],
    ["train without test", { "train/a.png": red }, {}, /^F: it has a folder train, but no folder test: /],
    [
      "a folder beside train and test",
      { "train/a.png": red, "test/a.png": red, "more/a.png": red },
      {},
      /^F: it has a folder train, but also a folder more: /
    ],
    [
      "near misses of train and test",
      { "trian/a.png": red, "tests/a.png": red },
      {},
      /^F: it has a folder "tests", which is nearly test: /
    ],
    [
      "splits further down",
      { "data/Train/a.png": red, "data/test/a.png": red },
      {},
      /^F\/data: it holds folders Train and test, but the folders of splits lie in the data set's own folder: give F\/data, or move them$/
    ],
    [
      "a class in another letter case",
      { "train/Cat/1.png": red, "train/Cat/2.png": red, "test/cat/1.png": red },
      {},
      /^F: test\/cat\/1\.png is of the class cat, of which there are no training images, but of Cat$/
    ],
    [
      "a labels.csv in another encoding",
      { "a.png": red, "b.png": red, "labels.csv": Promise.resolve(Uint8Array.of(0xff, 0xfe, 0x66, 0)) },
      {},
      /^F\/labels\.csv: it is UTF-16; save it as UTF-8$/
    ],
    [
      "a labels.csv with a name in another letter case",
      { "a.png": red, "b.png": red, "labels.csv": "file,label\nA.PNG,1\nb.png,1\n" },
      {},
      /^F\/labels\.csv: it has no label for a\.png; it names A\.PNG, which is spelled differently$/
    ],
    [
      "a labels.csv that cannot tell two files apart",
      { "e\u0301.png": red, "\u00e9.png": red, "labels.csv": "file,label\n./\u00e9.png,1\n" },
      {},
      /^F\/labels\.csv: it names \.\/é\.png, which may be e<U\+0301>\.png or é\.png: their names look the same; rename one of them$/
    ],
    [
      "a labels.csv that names one file in two ways",
      { "e\u0301.png": red, "b.png": red, "labels.csv": "file,label\n\u00e9.png,1\n./e\u0301.png,1\nb.png,1\n" },
      {},
      /^F\/labels\.csv: it names e<U\+0301>\.png twice, once as \.\/e<U\+0301>\.png$/
    ],
    [
      "label.csv",
      { "a.png": red, "b.png": red, "label.csv": "file,label\n" },
      { unreadable: "skip" },
      /^F\/label\.csv: classes are read from labels\.csv: rename it, or set dataset\.labels to "folders" or "none"$/
    ],
    [
      "a labels.csv below the folder",
      { "train/a.png": red, "test/a.png": red, "train/labels.csv": "file,label\na.png,1\n" },
      {},
      /^F\/train\/labels\.csv: a labels\.csv is read only from the data set's own folder, with paths such as train\/NAME: /
    ],
    [
      "a test class never trained on",
      { "train/a/1.png": red, "train/a/2.png": red, "test/b/1.png": red },
      {},
      /^F: test\/b\/1\.png is of the class b, of which there are no training images$/
    ],
    [
      "a number of test images beside a folder of them",
      { "train/1.png": red, "test/1.png": red },
      { test: 1 },
      /^F: dataset\.test is set, but the folder test says which images those are$/
    ],
    [
      "no labels.csv",
      { "a.png": red, "b.png": red },
      { labels: "file" },
      /^F\/labels\.csv: there is no such file, and dataset\.labels asks for it$/
    ],
    [
      "a labels.csv that is none",
      { "a.png": red, "b.png": red, "labels.csv": "text" },
      {},
      /^F\/labels\.csv: line 1 must be "file,label", but is "text"$/
    ],
    [
      "a labels.csv without an image",
      { "a.png": red, "b.png": red, "labels.csv": "file,label\na.png,1\n" },
      {},
      /^F\/labels\.csv: it has no label for b\.png$/
    ],
    [
      "a labels.csv with a path out of the folder",
      { "a.png": red, "labels.csv": "file,label\na.png,1\n../a.png,1\n" },
      {},
      /^F\/labels\.csv: it names \.\.\/a\.png, which is not in the folder$/
    ]
  ])("refuses %s", ([, files, options, message]) =>
    Effect.map(refused(files, options), (found) => assert.match(found, message))
  )

  it.effect("does not follow links, to files or folders", () =>
    inFolder({ "in/a.png": red, "in/b.png": red, "out/c.png": green }, (folder, fs) =>
      Effect.gen(function* () {
        yield* fs.symlink(`${folder}/out/c.png`, `${folder}/in/c.png`)
        yield* fs.symlink(folder, `${folder}/in/loop`)
        const { message } = yield* Effect.flip(loaded(`${folder}/in`))
        assert.match(message, /2 of 4 files .*: c\.png: it is a link; put the image itself there; loop: it is a link/)
      })
    )
  )

  it.effect("names the folder that is not there", () =>
    Effect.map(Effect.provide(Effect.flip(loaded("/nowhere/x")), NodeServices.layer), ({ message }) =>
      assert.strictEqual(message, "/nowhere/x: there is no such folder; give the one that holds the images")
    )
  )
})

describe("a folder of images", () => {
  datasetContract(
    Layer.unwrap(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-contract-" })
        yield* write(directory, { "x/a.png": red, "x/b.webp": green, "y/c.jpg": blue, "y/d.png": red })
        return layerImageFolder({ directory, split: "last", labels: "none" })
      })
    ).pipe(Layer.provide(NodeServices.layer))
  )
})
