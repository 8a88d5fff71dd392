import { Flag } from "effect/cli"
import * as Option from "effect/Option"
import { presetNames } from "../../domain/experiment/presets.ts"
import { trainingMetrics } from "../../domain/experiment/TrainingSettings.ts"
import { datasetDescription } from "./datasetChoice.ts"
import { wholeNumber } from "./flags.ts"
import { filePath } from "./paths.ts"

const optionalCount = (name: string, description: string) =>
  wholeNumber(name, 1).pipe(Flag.withDescription(description), Flag.optional)

const goals = ["lowest", "highest"] as const

/** What the best checkpoint may be the best by: `lowest:generatorLoss`. */
const bestNames = goals.flatMap((goal) => trainingMetrics.map((metric) => `${goal}:${metric}` as const))

const positiveNumber = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("number"),
    Flag.filterMap(
      (text) => Option.filter(Option.some(Number(text)), (value) => Number.isFinite(value) && value > 0),
      () => "a number greater than 0"
    )
  )

/** Rows and columns: `32` for both, or `32x24`. */
const imageSize = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("rows[xcolumns]"),
    Flag.filterMap(
      (text) => {
        const [, rows, columns = rows] = /^([1-9]\d{0,4})(?:[x×X]([1-9]\d{0,4}))?$/.exec(text) ?? []
        return rows === undefined ? Option.none() : Option.some({ height: Number(rows), width: Number(columns) })
      },
      () => "rows and columns in pixels, such as 32 or 32x24"
    )
  )

/** The flag `--set`, any number of times. */
export const setFlag = Flag.String("set").pipe(
  Flag.withMetavar("path=value"),
  Flag.withDescription(
    "set any field of the settings by its path, over all else (model.glimpses=8, training.averageDecay=0.999, dataset.flip=true); JSON or bare text, null to leave it out; may be repeated"
  ),
  Flag.atLeast(0)
)

/** Flags that say what an update computes. */
export const programFlags = {
  preset: Flag.Literals("preset", presetNames).pipe(
    Flag.withDescription("settings to begin with (default: paper)"),
    Flag.optional
  ),
  config: filePath("config").pipe(
    Flag.withDescription("JSON file with settings, whole or in part, laid over the preset; flags are laid over it"),
    Flag.optional
  ),
  set: setFlag,
  dataset: filePath("dataset").pipe(Flag.withDescription(datasetDescription("the preset's")), Flag.optional),
  size: imageSize("size").pipe(
    Flag.withDescription("rows and columns of an image, 32 or 32x24: of a folder of images, and of data that are made"),
    Flag.optional
  ),
  crop: Flag.ChoiceWithValue("crop", [
    ["none", "none"],
    ["centre", "centre"],
    ["center", "centre"],
    ["pad", "pad"],
    ["stretch", "stretch"]
  ] as const).pipe(
    Flag.withDescription("how images of a folder come to that --size (default: none, they must have it)"),
    Flag.optional
  ),
  batchSize: optionalCount("batch-size", "images of one update (default: the preset's, at most all there are)")
}

/** Flags that say what to train. */
export const settingsFlags = {
  ...programFlags,
  seed: wholeNumber("seed", 0).pipe(
    Flag.withDescription("seed of every random number (default: the preset's)"),
    Flag.optional
  ),
  epochs: optionalCount("epochs", "passes over the training images (default: the preset's)"),
  updates: optionalCount("updates", "updates in all, instead of epochs"),
  learningRate: positiveNumber("learning-rate").pipe(
    Flag.withDescription("step size of every optimizer (default: the preset's)"),
    Flag.optional
  ),
  shards: optionalCount(
    "shards",
    "shards of the batch, each on a thread of its own (default: the preset's, or as many as the backend runs at once)"
  ),
  keepLast: optionalCount("keep-last", "checkpoints to keep: the newest so many (default: 3)"),
  keepEvery: optionalCount("keep-every", "keep the checkpoint of every so many epochs as well"),
  keepBest: Flag.Literals("keep-best", bestNames).pipe(
    Flag.withDescription("keep the checkpoint whose last update measured the lowest or highest of this as well"),
    Flag.optional
  ),
  onNotFinite: Flag.Literals("on-not-finite", ["stop", "warn"]).pipe(
    Flag.withDescription("if a number becomes NaN or infinite: stop the run (default), or warn and go on"),
    Flag.optional
  ),
  onCollapse: Flag.Literals("on-collapse", ["warn", "stop", "ignore"]).pipe(
    Flag.withDescription("if a player collapses: warn (default), stop the run, or ignore it"),
    Flag.optional
  ),
  out: filePath("out").pipe(
    Flag.withDescription("folder of the run; an existing run there goes on (default: runs/ and the settings' name)"),
    Flag.optional
  )
}
