import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { systemError } from "effect/PlatformError"
import { type Files, green, grey, inFolder, loaded, type Options, red } from "../../../support/imageFolders.ts"
import { withWarnings } from "../../../support/withWarnings.ts"

const refused = (files: Files, options: Options = {}) =>
  inFolder(files, (folder) =>
    Effect.map(Effect.flip(loaded(folder, options)), ({ message }) => message.split(folder).join("F"))
  )

describe("layerImageFolder", () => {
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
