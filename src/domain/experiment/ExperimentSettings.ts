import * as Schema from "effect/Schema"
import type { Retention } from "../checkpoint/retention.ts"
import { readerOf } from "../model/attention-gan/AttentionGanSettings.ts"
import type { ImageFormat } from "../model/GenerativeModel.ts"
import { ModelSettings, modelOf } from "../model/modelOf.ts"
import { parametersOf } from "../model/TrainableModel.ts"
import { parameterCount } from "../nn/parameter.ts"
import { Count, MAX_PARAMETERS } from "../settings/countUpTo.ts"
import { namedFields, SettingsError } from "../settings/SettingsError.ts"
import { DatasetSettings } from "./DatasetSettings.ts"
import { metricsOf, TrainingSettings, trainingMetrics } from "./TrainingSettings.ts"

export { SettingsError }

/** File systems take names of 255 bytes, to which endings are added. */
const LONGEST_NAME = 200

/** A name that can be that of a file or folder anywhere. */
export const FileName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { expected: "letters, digits, '.', '_', '-'" }),
  Schema.isMaxLength(LONGEST_NAME, { expected: `a name of at most ${LONGEST_NAME} characters` })
)

/** Which checkpoints a run keeps; what any of the parts covers stays. */
export const RetentionSettings = Schema.Struct({
  /** How many of the newest; 3 if left out. */
  last: Schema.optionalKey(Count),
  /** One for every N epochs. */
  everyEpochs: Schema.optionalKey(Count),
  /**
   * The one with the lowest or highest value of a metric of training. These are of one update's batch, and none of them says
   * how good the images are: `milestoneEpochs` and `fovea evaluate` are for that.
   */
  best: Schema.optionalKey(
    Schema.Struct({ metric: Schema.Literals(trainingMetrics), goal: Schema.Literals(["lowest", "highest"]) })
  )
})
export type RetentionSettings = typeof RetentionSettings.Type

/** How often a run reports; what it computes does not depend on it. */
export class ReportingSettings extends Schema.Class<ReportingSettings>("ReportingSettings")(
  namedFields(
    "ReportingSettings",
    Schema.Struct({
      /** Updates between two records of the metrics. */
      logEveryUpdates: Count,
      /** Epochs between two checkpoints. */
      checkpointEveryEpochs: Count,
      /** Which checkpoints stay; the last 3 if left out. */
      keepCheckpoints: Schema.optionalKey(RetentionSettings),
      /** Epochs between two sets of images. */
      picturesEveryEpochs: Count,
      /** Epochs after which the generator is kept, to be measured later; besides the last. None if left out. */
      milestoneEpochs: Schema.optionalKey(Schema.Array(Count)),
      /**
       * What is done about a number that is NaN or infinite: `stop` the run (if left out), or `warn` and go on. Either way the
       * states before and after are kept in the run's folder `diverged`.
       */
      onNotFinite: Schema.optionalKey(Schema.Literals(["stop", "warn"])),
      /** What is done about a player that collapses: `warn` (if left out), `stop` the run, or `ignore` it. */
      onCollapse: Schema.optionalKey(Schema.Literals(["warn", "stop", "ignore"])),
      /** Name of the file with the sheet of samples, without its ending; `samples` if it is left out, or in a reproduction that of the paper's figure. */
      sampleSheet: Schema.optionalKey(FileName)
    })
  )
) {}

/** Everything that determines an experiment. The presets are JSON files of this. */
export class ExperimentSettings extends Schema.Class<ExperimentSettings>("ExperimentSettings")(
  namedFields(
    "ExperimentSettings",
    Schema.Struct({
      /** Also the name of the run's folder. */
      name: FileName,
      /** Seed of every random number of the run. */
      seed: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
      dataset: DatasetSettings,
      model: ModelSettings,
      training: TrainingSettings,
      reporting: ReportingSettings
    })
  )
) {}

/** What is wrong with training on these images by these settings, or `undefined`. */
export const misfit = (
  { model, training, reporting }: ExperimentSettings,
  format: ImageFormat,
  trainingImages: number
): SettingsError | undefined => {
  const { height, width } = format
  const large = Object.entries(filtersOf(model)).find(([, filters]) => filters > Math.min(height, width))
  if (large !== undefined) {
    const [name, filters] = large
    const problem = `${filters} x ${filters} filters do not fit images of ${height} x ${width} pixels`
    return new SettingsError({ field: `model.${name}`, problem })
  }
  const described = modelOf(model, format)
  if (described.objective !== training.objective) {
    const problem = `"${training.objective}" does not train a model of kind "${model.kind}"; "${described.objective}" does`
    return new SettingsError({ field: "training.objective", problem })
  }
  if (training.objective === "adversarial" && training.simultaneous === true && !training.sharedNoise) {
    const problem = "simultaneous updates are of the same images: set it to true"
    return new SettingsError({ field: "training.sharedNoise", problem })
  }
  if (training.objective === "adversarial" && training.gradientPenalty !== undefined && model.kind === "dcgan") {
    const problem = "needs a logit that depends on its own image alone; by batch normalisation it depends on the batch"
    return new SettingsError({ field: "training.gradientPenalty", problem })
  }
  if (
    training.objective === "adversarial" &&
    training.gradientPenaltyDecay !== undefined &&
    typeof training.gradientPenalty === "object"
  ) {
    const problem =
      "a penalty's weight that follows D's lead does not decay: give a number as training.gradientPenalty, or leave the decay out"
    return new SettingsError({ field: "training.gradientPenaltyDecay", problem })
  }
  const best = reporting.keepCheckpoints?.best?.metric
  const measured: ReadonlyArray<string> = metricsOf[training.objective]
  if (best !== undefined && !measured.includes(best)) {
    const problem = `is not measured in this training; one of these is: ${measured.join(", ")}`
    return new SettingsError({ field: "reporting.keepCheckpoints.best.metric", problem: `"${best}" ${problem}` })
  }
  const parameters = parameterCount(parametersOf(described))
  if (parameters > MAX_PARAMETERS) {
    const problem = `a model of ${parameters} numbers is asked for; at most ${MAX_PARAMETERS} are trained`
    return new SettingsError({ field: "model", problem })
  }
  if (training.batchSize > trainingImages) {
    const problem = `a batch of ${training.batchSize} cannot be taken from ${trainingImages} training images`
    return new SettingsError({ field: "training.batchSize", problem })
  }
  const { batchSize, shards = 1 } = training
  if (batchSize % shards !== 0) {
    const problem = `a batch of ${batchSize} cannot be divided among ${shards} shards`
    return new SettingsError({ field: "training.shards", problem })
  }
  return undefined
}

/** The numbers of filters per axis that a model has, by the names of their settings. */
const filtersOf = (model: ModelSettings): Readonly<Record<string, number>> => {
  if (model.kind === "attention-gan") return { filters: model.filters, "reader.filters": readerOf(model).filters }
  if (model.kind === "draw" && model.attention)
    return { readFilters: model.readFilters, writeFilters: model.writeFilters }
  return {}
}

/** The rule by which a run's checkpoints are kept, in updates. */
export const retentionOf = (
  { last = 3, everyEpochs, best }: RetentionSettings,
  updatesPerEpoch: number
): Retention => ({ last, best, every: everyEpochs === undefined ? undefined : everyEpochs * updatesPerEpoch })

/** Number of updates of the whole run. */
export const totalUpdates = ({ training }: ExperimentSettings, updatesPerEpoch: number): number =>
  training.updates ?? training.epochs * updatesPerEpoch
