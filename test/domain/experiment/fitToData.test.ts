import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { updatesPerEpoch } from "../../../src/domain/data/epochOrder.ts"
import { totalUpdates } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { fewImages, fitToData } from "../../../src/domain/experiment/fitToData.ts"
import { presetNames, type SettingsJson, settingsFrom } from "../../../src/domain/experiment/presets.ts"

const folder: SettingsJson = { dataset: { kind: "folder", directory: "x" } }
const given = (said: SettingsJson = {}, preset: (typeof presetNames)[number] = "paper") =>
  Result.getOrThrow(settingsFrom(preset, [folder, said]))
const lengthOf = (settings: ReturnType<typeof given>, count: number) =>
  totalUpdates(settings, updatesPerEpoch(count, settings.training.batchSize))

describe("settings fitted to data", () => {
  it("of MNIST's size stay as they are, for every preset", () => {
    for (const preset of presetNames) {
      const settings = given({}, preset)
      const fitted = fitToData(settings, folder, 50_000)
      assert.strictEqual(fitted.settings, settings)
      assert.deepStrictEqual(fitted.notes, [])
    }
  })

  it.each([33, 133, 1333])("of %i images make thousands of updates rather than 49, and say so", (count) => {
    const { settings, notes } = fitToData(given(), folder, count)
    assert.isAtMost(settings.training.batchSize, count)
    assert.isAtLeast(lengthOf(settings, count), 2000)
    assert.include(notes.join("\n"), "updates")
    const updates = settings.reporting.checkpointEveryEpochs * updatesPerEpoch(count, settings.training.batchSize)
    assert.isAtLeast(updates, 100, "checkpoints would drown the progress")
  })

  it("leave what was said", () => {
    const said: SettingsJson = {
      ...folder,
      training: { batchSize: 10, epochs: 3 },
      reporting: { checkpointEveryEpochs: 1, picturesEveryEpochs: 2, milestoneEpochs: [1] }
    }
    const { settings, notes } = fitToData(given(said), said, 133)
    assert.deepStrictEqual(settings, given(said))
    assert.deepStrictEqual(notes, [])
  })

  it("are fitted once: a fitted run goes on as it is", () => {
    const once = fitToData(given(), folder, 133).settings
    assert.deepStrictEqual(fitToData(once, folder, 133).settings, once)
  })

  it("leave a batch that is too large where it was asked for, to be refused by name", () => {
    const said: SettingsJson = { ...folder, training: { batchSize: 100 } }
    assert.strictEqual(fitToData(given(said), said, 33).settings.training.batchSize, 100)
  })
})

describe("too few images to learn from", () => {
  it("are warned of below a thousand, with what helps", () => {
    assert.match(fewImages(given(), 200) ?? "", /^200 training images are few: .*--set dataset\.flip=true/s)
    assert.isUndefined(fewImages(given(), 50_000))
    const flipped = given({ dataset: { kind: "folder", directory: "x", flip: true } })
    assert.notInclude(fewImages(flipped, 200) ?? "", "flip")
  })
})
