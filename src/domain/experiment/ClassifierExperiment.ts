import * as Schema from "effect/Schema"
import { updatesPerEpoch } from "../data/epochOrder.ts"
import { ClassifierSettings } from "../model/classifier/ClassifierSettings.ts"
import { AdamSettings } from "../optim/OptimizerSettings.ts"
import { countUpTo } from "../settings/countUpTo.ts"
import { namedFields } from "../settings/SettingsError.ts"
import preset from "./classifierPreset.json" with { type: "json" }

/** Everything that determines a classifier besides its data. */
export class ClassifierExperiment extends Schema.Class<ClassifierExperiment>("ClassifierExperiment")(
  namedFields(
    "ClassifierExperiment",
    Schema.Struct({
      /** Seed of the first parameters and of the order of the images. */
      seed: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
      /** Passes over the training images; an epoch's last, incomplete batch is dropped. */
      epochs: countUpTo(1_000_000),
      /** Updates at least: of few images it makes as many more passes (`classifierLength`). */
      leastUpdates: countUpTo(1_000_000),
      /** All training images if there are fewer. */
      batchSize: countUpTo(1_000_000),
      /** Images are learnt from moved at random, by this many pixels at most: a digit is the same one beside its place. */
      shift: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
      optimizer: AdamSettings,
      /**
       * How much of the running mean of the parameters an update keeps (`emaStep`): it looks back on about `1 / (1 - averageDecay)`
       * updates, and never on the first parameters.
       */
      averageDecay: Schema.Finite.check(
        Schema.makeFilter((decay) => (decay >= 0 && decay < 1 ? undefined : "must lie in [0, 1)"))
      ),
      model: ClassifierSettings
    })
  )
) {}

/** The classifier that the measures of a reproduction stand on. */
export const classifierPreset: ClassifierExperiment = Schema.decodeUnknownSync(ClassifierExperiment, {
  errors: "all",
  onExcessProperty: "error"
})(preset)

/** How long a classifier is trained. */
export interface ClassifierLength {
  readonly batchSize: number
  readonly updatesPerEpoch: number
  readonly totalUpdates: number
  /** Updates from one checkpoint to the next. */
  readonly checkpointEvery: number
}

/**
 * The length of a training on `count` images, at least 1: `epochs` passes, but no fewer than `leastUpdates` updates, since a
 * pass over few images teaches little. Where this is too long for a use, lower these two settings.
 */
export const classifierLength = (
  { epochs, leastUpdates, batchSize: wanted }: ClassifierExperiment,
  count: number
): ClassifierLength => {
  const batchSize = Math.min(wanted, count)
  const perEpoch = updatesPerEpoch(count, batchSize)
  const totalUpdates = Math.max(epochs * perEpoch, leastUpdates)
  return { batchSize, updatesPerEpoch: perEpoch, totalUpdates, checkpointEvery: Math.ceil(totalUpdates / epochs) }
}
