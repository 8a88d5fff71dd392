import * as Result from "effect/Result"
import type { ExperimentSettings } from "../../src/domain/experiment/ExperimentSettings.ts"
import { deepMerge, type PresetName, type SettingsJson, settingsFrom } from "../../src/domain/experiment/presets.ts"

/** What all small experiments share: three updates of batches of four images of 6 rows and 5 columns. */
const common: SettingsJson = {
  seed: 1,
  dataset: { kind: "synthetic", count: 24, height: 6, width: 5 },
  training: { epochs: 1, updates: 3, batchSize: 4, shards: 1 },
  reporting: { logEveryUpdates: 1, checkpointEveryEpochs: 1, picturesEveryEpochs: 1, milestoneEpochs: [1] }
}

const small = (preset: PresetName, changes: SettingsJson): ExperimentSettings =>
  Result.getOrThrow(settingsFrom(preset, [deepMerge(common, changes)]))

/** A small experiment for every kind of model, one line each: what the contract of `everyModel.test.ts` is held to. */
export const smallExperiments: Readonly<Record<string, ExperimentSettings>> = {
  "attention-gan": small("paper", { model: { filters: 3, glimpses: 2, units: 6, latentSize: 3 } }),
  "attention-gan, modern": small("modern", {
    model: { filters: 3, glimpses: 2, reader: { filters: 2, glimpses: 3 }, units: 6, latentSize: 3 }
  }),
  "goodfellow-gan": small("baseline", {
    model: { latentSize: 4, generatorUnits: 7, discriminatorUnits: 6, pieces: 3 }
  }),
  vae: small("vae", { model: { latentSize: 3, units: [7, 6] } }),
  dcgan: small("dcgan", { model: { latentSize: 3, generatorChannels: [4, 3, 2], discriminatorChannels: [2, 3] } }),
  draw: small("draw", { model: { readFilters: 2, writeFilters: 3, glimpses: 2, units: 6, latentSize: 3 } }),
  "draw, without attention": small("draw-without-attention", { model: { glimpses: 2, units: 6, latentSize: 3 } })
}
