import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { nearlySplit, splitsOfFolders } from "../../../src/domain/data/folderSplits.ts"

const problemOf = (...folders: ReadonlyArray<string>): string =>
  Result.getOrThrow(Result.flip(splitsOfFolders(folders)))

describe("splitsOfFolders", () => {
  it("knows splits whatever the letter case", () => {
    const anyCase = (name: string) =>
      fc
        .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
        .map((upper) => [...name].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join(""))
    const train = fc.constantFrom("train", "training").chain(anyCase)
    const test = fc.constantFrom("test", "testing").chain(anyCase)
    const validation = fc.option(fc.constantFrom("validation", "valid", "val", "dev").chain(anyCase))
    fc.assert(
      fc.property(train, test, validation, (one, two, three) => {
        const found = Result.getOrThrow(splitsOfFolders([one, two, ...(three === null ? [] : [three])]))
        assert.deepStrictEqual(
          new Map(found),
          new Map([[one, "train"], [two, "test"], ...(three === null ? [] : [[three, "validation"] as const])])
        )
      })
    )
  })

  it.each([
    [["cat", "dog"]],
    [["rain", "snow", "sun"]],
    [["best", "rest", "text"]],
    [["test tube", "beaker"]],
    [["test tube", "train station"]],
    [["brain", "contest", "testament"]],
    [["avl", "edv"]],
    [["vlidatoin sad"]],
    [["training shoes", "shoes for training"]],
    [["subsets train", "imagestore test"]],
    [["settlement test", "reset train"]],
    [["trains and boats", "constraining"]],
    [["0", "1", "10"]],
    [[]]
  ])("takes %j for classes", (folders) => assert.strictEqual(Result.getOrThrow(splitsOfFolders(folders)).size, 0))

  it.each([
    [
      "both train and Training",
      ["train", "Training", "test"],
      "it has two folders of the split train, train and Training: "
    ],
    [
      "val and validation",
      ["train", "val", "Valid", "test"],
      "it has two folders of the split validation, val and Valid: "
    ],
    ["train alone", ["Train"], "it has a folder Train, but no folder test: "],
    ["validation alone", ["val", "cat", "dog"], "it has a folder val, but no folder train: "],
    ["classes next to splits", ["Test", "Train", "cat"], "it has a folder Train, but also a folder cat: "],
    ["a split and a near miss", ["train", "tests"], "it has a folder train, but also a folder tests: "],
    ["near misses alone", ["trian", "tset"], 'it has a folder "trian", which is nearly train: '],
    [
      "names with additions",
      ["train_images", "test_images"],
      'it has a folder "train_images", which is nearly train: '
    ],
    [
      "names with a letter each",
      ["trainA", "trainB", "testA", "testB"],
      'it has folders "trainA" and "testA", which look like splits: '
    ],
    [
      "splits of a named set",
      ["DIV2K_train_HR", "DIV2K_valid_HR"],
      'it has folders "DIV2K_train_HR" and "DIV2K_valid_HR", which look like splits: '
    ],
    [
      "archives unpacked",
      ["train.zip", "Test.zip"],
      'it has folders "train.zip" and "Test.zip", which look like splits: '
    ],
    ["names with years", ["val2017", "train2017"], 'it has a folder "val2017", which is nearly validation: '],
    ["names in one word", ["TrainSet", "TestSet"], 'it has a folder "TrainSet", which is nearly train: '],
    ["a space behind", ["train ", "test "], 'it has a folder "train ", which is nearly train: '],
    ["one letter wrong in a long name", ["traning", "x"], 'it has a folder "traning", which is nearly train: '],
    ["one letter too many", ["trainingg"], 'it has a folder "trainingg", which is nearly train: '],
    ["one letter too many in between", ["tesxting"], 'it has a folder "tesxting", which is nearly test: '],
    ["one letter for another", ["troining"], 'it has a folder "troining", which is nearly train: '],
    ["one letter for another at the end", ["testinh"], 'it has a folder "testinh", which is nearly test: '],
    [
      "one letter for another at the beginning",
      ["balidation"],
      'it has a folder "balidation", which is nearly validation: '
    ],
    ["words in one, by their letters", ["oldTrainImages"], 'it has a folder "oldTrainImages", which is nearly train: '],
    ["several marks between words", ["__train -- images__"], "which is nearly train: "],
    [
      "a near miss after other folders",
      ["train", "test", "cat", "valdiation"],
      "it has a folder train, but also a folder valdiation: "
    ],
    ["splits without training, and a near miss", ["test", "trian"], "it has a folder test, but also a folder trian: "],
    [
      "splits without training, and a near miss of another",
      ["test", "validatoin"],
      "it has a folder test, but no folder train: "
    ]
  ])("refuses %s", (_, folders, problem) => assert.include(problemOf(...folders), problem))

  it.each([
    ..."set sets data dataset datasets dataet image images img imgs pic pics image images photo photos".split(" "),
    ..."split splits folder folders dir dirs file files new old final all full copy of the only".split(" ")
  ])("takes a name with %s added for nearly a split's", (word) => {
    assert.strictEqual(nearlySplit(`train_${word}`), "train")
    assert.strictEqual(nearlySplit(`${word} Test`), "test")
    assert.isUndefined(nearlySplit(`train_x${word}`))
    assert.isUndefined(nearlySplit(`train_${word}x`))
  })
})
