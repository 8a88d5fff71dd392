import type { SettingsJson } from "../../src/domain/experiment/presets.ts"

/** Settings of a run of twelve updates that takes milliseconds, as `fovea train --config` reads them. */
export const smallRunJson: SettingsJson = {
  name: "small",
  seed: 1,
  dataset: { kind: "synthetic", count: 24, height: 6, width: 5 },
  model: { filters: 3, glimpses: 2, units: 6, latentSize: 3 },
  training: { epochs: 2, batchSize: 4 },
  reporting: { logEveryUpdates: 1, checkpointEveryEpochs: 1, picturesEveryEpochs: 1 }
}
