import * as Schema from "effect/Schema"
import { withDefaultTag } from "../json/withDefaultTag.ts"
import type { Objective } from "../model/TrainableModel.ts"
import { DecaySettings } from "../optim/DecaySettings.ts"
import { OptimizerSettings } from "../optim/OptimizerSettings.ts"
import { Count } from "../settings/countUpTo.ts"
import { namedFields } from "../settings/SettingsError.ts"
import type { AdversarialMetric } from "./adversarialTraining.ts"
import { PenaltyWeight } from "./PenaltyWeight.ts"
import type { VariationalMetric } from "./variationalTraining.ts"

/** What an update of a training measures, by name, in the order in which it is told. */
export const metricsOf = {
  adversarial: ["discriminatorLoss", "generatorLoss", "realAccuracy", "generatedAccuracy"],
  variational: ["bound", "logLikelihood", "divergence"]
} as const satisfies {
  readonly adversarial: ReadonlyArray<AdversarialMetric>
  readonly variational: ReadonlyArray<VariationalMetric>
} & Readonly<Record<Objective, ReadonlyArray<string>>>

/** What an update of some training measures, by name. */
export const trainingMetrics = [...metricsOf.adversarial, ...metricsOf.variational] as const

const lengthFields = {
  /** Passes over the training images; an epoch's last, incomplete batch is dropped. */
  epochs: Count,
  /** Updates in all, if they are to be counted instead of epochs. */
  updates: Schema.optionalKey(Count),
  batchSize: Count,
  /**
   * On how many shards of the batch, each on a thread of its own, an update is computed; if left out, as many as the
   * backend runs at the same time (`shardsFor`). Must divide the batch. It decides in which order numbers are added, and so the last bits of the results.
   */
  shards: Schema.optionalKey(Count)
}

/** How long and how two players are trained against each other (eq. 9 and 10). */
export class AdversarialTrainingSettings extends Schema.Class<AdversarialTrainingSettings>(
  "AdversarialTrainingSettings"
)(
  namedFields(
    "AdversarialTrainingSettings",
    Schema.Struct({
      objective: Schema.tag("adversarial"),
      ...lengthFields,
      /** Update G on the images that D was just updated on, instead of on fresh ones. */
      sharedNoise: Schema.Boolean,
      /**
       * Update G at the same time as D, by the logits that D is updated by (as Goodfellow's published code does), instead of against
       * the updated D; not if left out. Needs `sharedNoise`.
       */
      simultaneous: Schema.optionalKey(Schema.Boolean),
      /** Weight of the gradient penalty R1 on real images (Mescheder 2018): a number, or `{ perNatOfLead }`; none if left out. */
      gradientPenalty: Schema.optionalKey(PenaltyWeight),
      /** How a weight that is a number falls over the training; constant if left out. */
      gradientPenaltyDecay: Schema.optionalKey(DecaySettings),
      /** Decay of the moving average of G that images are drawn from, for each update; they are drawn from G itself if left out. */
      averageDecay: Schema.optionalKey(
        Schema.Finite.check(Schema.makeFilter((d) => (d > 0 && d < 1 ? undefined : "must lie between 0 and 1")))
      ),
      generatorOptimizer: OptimizerSettings,
      discriminatorOptimizer: OptimizerSettings
    })
  )
) {}

/** How long and how a model is trained by the variational bound. */
export class VariationalTrainingSettings extends Schema.Class<VariationalTrainingSettings>(
  "VariationalTrainingSettings"
)(
  namedFields(
    "VariationalTrainingSettings",
    Schema.Struct({
      objective: Schema.tag("variational"),
      ...lengthFields,
      /**
       * Whether every update learns from black and white images, drawn afresh with each pixel's value as the probability of white;
       * otherwise from the images as they are, whose values then stand for these probabilities.
       */
      binarise: Schema.Boolean,
      optimizer: OptimizerSettings
    })
  )
) {}

const AnyTraining = Schema.Union([AdversarialTrainingSettings, VariationalTrainingSettings]).annotate({
  expected: 'settings of a training whose objective is "adversarial" or "variational"'
})

/** How long and how a model is trained; `objective` says by what, and where there is none it is adversarial. */
export const TrainingSettings = withDefaultTag("objective", "adversarial", AnyTraining)
export type TrainingSettings = typeof AnyTraining.Type

/** The same training on this many shards. */
export const onShards = (training: TrainingSettings, shards: number): TrainingSettings =>
  training.objective === "adversarial"
    ? new AdversarialTrainingSettings({ ...training, shards })
    : new VariationalTrainingSettings({ ...training, shards })
