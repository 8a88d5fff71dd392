import { updatesPerEpoch } from "../data/epochOrder.ts"
import { ExperimentSettings, ReportingSettings } from "./ExperimentSettings.ts"
import type { SettingsJson } from "./presets.ts"
import { AdversarialTrainingSettings, type TrainingSettings, VariationalTrainingSettings } from "./TrainingSettings.ts"

/** The presets count in epochs of 500 updates, MNIST's. Where one has fewer than these, counting in epochs says nothing. */
const SHORT_EPOCH = 100
/** Where one has more than these, images every few epochs are hours apart. */
const LONG_EPOCH = 2500

/** Updates of a run whose epochs are short: docs/data.md shows what becomes of more. */
const SHORT_RUN = 4000

/** What is done after this many updates where epochs are short. */
const CHECKPOINT_UPDATES = 250
const IMAGE_UPDATES = 500
const MILESTONE_UPDATES = [250, 500, 1000, 1500, 2000, 2500, 3000, 3500]

/** With fewer training images a model learns them by heart, or nothing (docs/data.md). */
const FEW_IMAGES = 1000

/** Settings fitted to data, and what was done, in sentences. */
export interface FittedSettings {
  readonly settings: ExperimentSettings
  readonly notes: ReadonlyArray<string>
}

/**
 * Settings for data of `count` training images, where the user `said` nothing else: a batch no larger than the data, and, where
 * an epoch is but a few updates, length and cadence in updates. What was said, and settings that suit their data, as the presets
 * suit MNIST, stay as they are. The same data and settings are always fitted alike, so that a run goes on.
 */
export const fitToData = (given: ExperimentSettings, said: SettingsJson, count: number): FittedSettings => {
  const says = (group: string, field: string): boolean => isSaid(said, group, field)
  const notes: Array<string> = []
  let { training } = given
  if (!says("training", "batchSize") && training.batchSize > count && count > 0) {
    notes.push(`A batch is ${count} images, not ${training.batchSize}: there are no more to learn from.`)
    training = withTraining(training, { batchSize: count })
  }
  const perEpoch = updatesPerEpoch(count, training.batchSize)
  if (perEpoch === 0 || (perEpoch >= SHORT_EPOCH && perEpoch <= LONG_EPOCH)) return { settings: given, notes }
  const short = perEpoch < SHORT_EPOCH
  const lengthSaid = says("training", "epochs") || says("training", "updates")
  if (short && !lengthSaid && training.epochs * perEpoch < SHORT_RUN) {
    notes.push(
      `An epoch is ${perEpoch} ${perEpoch === 1 ? "update" : "updates"}: the run makes ${SHORT_RUN} updates (--updates), not ${training.epochs} epochs.`
    )
    training = withTraining(training, { updates: SHORT_RUN })
  }
  const epochs = (updates: number): number => Math.max(1, Math.ceil(updates / perEpoch))
  const reporting = new ReportingSettings({
    ...given.reporting,
    ...(short && !says("reporting", "checkpointEveryEpochs") && { checkpointEveryEpochs: epochs(CHECKPOINT_UPDATES) }),
    ...(!says("reporting", "picturesEveryEpochs") && { picturesEveryEpochs: short ? epochs(IMAGE_UPDATES) : 1 }),
    ...(short &&
      !lengthSaid &&
      !says("reporting", "milestoneEpochs") && { milestoneEpochs: [...new Set(MILESTONE_UPDATES.map(epochs))] })
  })
  return { settings: new ExperimentSettings({ ...given, training, reporting }), notes }
}

/** What someone should know who trains on so few images of their own, or `undefined`. */
export const fewImages = ({ dataset }: ExperimentSettings, count: number): string | undefined => {
  // Made-up images are for tests.
  if (count >= FEW_IMAGES || dataset.kind === "synthetic") return undefined
  const images = `${count} training ${count === 1 ? "image is" : "images are"}`
  const mirror = dataset.kind === "folder" && dataset.flip !== true
  return (
    `${images} few: expect blurred or repeated images, and the best ones before the end (the milestones). ` +
    `More images help most${mirror ? "; where left and right do not matter, --set dataset.flip=true doubles them" : ""}`
  )
}

const isSaid = (said: SettingsJson, group: string, field: string): boolean => {
  const inner = Object.hasOwn(said, group) ? said[group] : undefined
  return typeof inner === "object" && inner !== null && Object.hasOwn(inner, field)
}

const withTraining = (
  training: TrainingSettings,
  change: { readonly batchSize?: number; readonly updates?: number }
): TrainingSettings =>
  training.objective === "adversarial"
    ? new AdversarialTrainingSettings({ ...training, ...change })
    : new VariationalTrainingSettings({ ...training, ...change })
