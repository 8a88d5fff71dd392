import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { presetJson, presetNames, settingsFrom, settingsJson } from "../../../src/domain/experiment/presets.ts"
import { isSettingPath, nearestPaths, settingPaths } from "../../../src/domain/experiment/settingPaths.ts"

const leaves = (json: unknown, path = ""): ReadonlyArray<string> =>
  typeof json === "object" && json !== null
    ? Object.entries(json).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`))
    : [path]

describe("the paths of settings", () => {
  it.each(presetNames)("hold every field of the preset %s", (name) => {
    const paths = settingPaths(presetJson(name))
    const all = leaves(settingsJson(Result.getOrThrow(settingsFrom(name))))
    assert.deepStrictEqual(
      all.filter((path) => !isSettingPath(path, paths)),
      []
    )
  })

  it("hold what may be left out, for the kinds that are named", () => {
    const paths = settingPaths(presetJson("paper"))
    for (const path of ["training.shards", "training.updates", "reporting.keepCheckpoints.best.metric", "model.cell"]) {
      assert.isTrue(isSettingPath(path, paths), path)
    }
    assert.isFalse(isSettingPath("dataset.directory", paths), "MNIST has no folder")
    const folder = settingPaths({ ...presetJson("paper"), dataset: { kind: "folder" } })
    for (const path of ["dataset.directory", "dataset.crop"]) assert.isTrue(isSettingPath(path, folder), path)
  })

  it("hold no name of a prototype", () => {
    const paths = settingPaths(presetJson("paper"))
    for (const path of ["__proto__", "constructor", "model.toString", "model.__proto__.x"]) {
      assert.isFalse(isSettingPath(path, paths), path)
    }
  })

  it("are found by what is nearly their name, and by their last name", () => {
    const near = (path: string) => nearestPaths(path, settingPaths(presetJson("paper")))
    assert.strictEqual(near("model.glimpse")[0], "model.glimpses")
    assert.deepStrictEqual(near("glimpses"), ["model.glimpses", "model.reader.glimpses"])
    assert.deepStrictEqual(near("Training.BatchSize"), ["training.batchSize"])
    assert.includeMembers(
      [...near("training.learningRate")],
      ["training.generatorOptimizer.learningRate", "training.discriminatorOptimizer.learningRate"]
    )
    assert.deepStrictEqual(near("__proto__.x"), [])
  })
})
