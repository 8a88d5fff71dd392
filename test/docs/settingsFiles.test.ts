import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { misfit } from "../../src/domain/experiment/ExperimentSettings.ts"
import { type PresetName, settingsFrom } from "../../src/domain/experiment/presets.ts"
import { readerOf } from "../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import type { ImageFormat } from "../../src/domain/model/GenerativeModel.ts"

const folder = "docs/data"
const { model: modern } = Result.getOrThrow(settingsFrom("modern"))
const presetReader = modern.kind === "attention-gan" ? readerOf(modern) : undefined
const twoDigits: ImageFormat = { channels: 1, height: 60, width: 60 }
const colour: ImageFormat = { channels: 3, height: 32, width: 32 }

/** The presets that each file can be laid over: those that the documents name, and others of the same model. */
const uses: Readonly<Record<string, { readonly presets: ReadonlyArray<PresetName>; readonly format: ImageFormat }>> = {
  "cifar.json": { presets: ["paper", "modern"], format: colour },
  "cifar-dcgan.json": { presets: ["dcgan"], format: colour },
  "several-digits.json": { presets: ["paper", "modern"], format: twoDigits },
  "several-digits-draw.json": { presets: ["draw"], format: twoDigits }
}

describe("the settings files of the documents", () => {
  it("are all known here", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".json"))
    assert.deepStrictEqual(files.toSorted(), Object.keys(uses).toSorted())
  })

  for (const [file, { presets, format }] of Object.entries(uses)) {
    for (const preset of presets) {
      it(`${file} can be laid over ${preset}, and fits its images`, () => {
        const settings = settingsFrom(preset, [JSON.parse(readFileSync(`${folder}/${file}`, "utf8"))])
        if (Result.isFailure(settings)) assert.fail(settings.failure.message)
        assert.isUndefined(misfit(settings.success, format, 10_000))
        // The preset's own reader is for digits of 28 x 28.
        const { model } = settings.success
        if (model.kind === "attention-gan") assert.notDeepEqual(readerOf(model), presetReader)
      })
    }
  }
})
