import * as Schema from "effect/Schema"
import { ClassifierSettings } from "../model/ClassifierSettings.ts"
import { countUpTo } from "../model/countUpTo.ts"
import { AdamSettings } from "../optimizer/adam.ts"
import preset from "./classifierPreset.json" with { type: "json" }

/** Everything that determines a classifier besides its data. */
export class ClassifierExperiment extends Schema.Class<ClassifierExperiment>("ClassifierExperiment")({
  /** Seed of the first parameters and of the order of the images. */
  seed: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /** Passes over the training images; an epoch's last, incomplete batch is dropped. */
  epochs: countUpTo(1_000_000),
  batchSize: countUpTo(1_000_000),
  /** Pictures are learnt from moved at random, by so many pixels at most: a digit is the same one beside its place. */
  shift: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  optimizer: AdamSettings,
  /** How much of the running mean of the parameters an update keeps: it looks back on about `1 / (1 - averageDecay)`. */
  averageDecay: Schema.Finite.check(
    Schema.makeFilter((decay) => (decay >= 0 && decay < 1 ? undefined : "must lie in [0, 1)"))
  ),
  model: ClassifierSettings
}) {}

/** The classifier that the measures of a reproduction stand on. */
export const classifierPreset: ClassifierExperiment = Schema.decodeUnknownSync(ClassifierExperiment, {
  errors: "all",
  onExcessProperty: "error"
})(preset)
