import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import {
  type PresetName,
  presetNames,
  type SettingsJson,
  settingsFrom
} from "../../../src/domain/experiment/presets.ts"
import { type FigureNames, paperNames, plainNames } from "../../../src/programs/paper/figureNames.ts"

const namesOf = (names: FigureNames, preset: PresetName, changes: SettingsJson = {}) =>
  names(Result.getOrThrow(settingsFrom(preset, [changes])))

describe("the figures of one's own training", () => {
  it("are called what they are, whatever the experiment, and never by a number of the paper", () => {
    for (const preset of presetNames) {
      const named = Object.values(namesOf(plainNames, preset))
      assert.notMatch(named.flatMap(({ file, title }) => [file, title]).join("\n"), /figure|\d/i, preset)
      assert.strictEqual(new Set(named.map(({ file }) => file)).size, named.length)
      assert.strictEqual(namesOf(plainNames, preset).samples.file, "samples", preset)
    }
  })

  it("call the samples as the settings say", () => {
    const sheet = { reporting: { sampleSheet: "faces" } }
    assert.strictEqual(namesOf(plainNames, "paper", sheet).samples.file, "faces")
    assert.strictEqual(namesOf(paperNames, "paper", sheet).samples.file, "faces")
  })
})

describe("the figures of a reproduction", () => {
  it.each([
    ["paper", "figure-4", "Figure 4: samples"],
    ["baseline", "figure-5", "Figure 5: samples"],
    ["four-filters", "figure-7", "Figure 7: samples"],
    ["zero-canvas", "samples", "Samples"],
    ["dcgan", "samples", "Samples"]
  ] as const)("of %s show its samples as %s", (preset, file, title) => {
    assert.deepStrictEqual(namesOf(paperNames, preset).samples, { file, title })
  })

  it("take the paper's numbers, and those of an attention GAN by another name stand in for the paper's", () => {
    const { trainingImages, samples, steps, ...latents } = namesOf(paperNames, "paper", { name: "mine" })
    assert.deepStrictEqual(
      [trainingImages, samples, steps].map(({ file }) => file),
      ["figure-3", "figure-4", "figure-6"]
    )
    assert.deepStrictEqual(
      Object.values(latents).map(({ title }) => title),
      [
        "Figure 8: random and fixed latents",
        "Figure 9: one random latent",
        "Figure 10: latents from an unsuitable distribution"
      ]
    )
  })
})
