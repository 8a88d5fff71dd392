import * as Console from "effect/Console"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ImageSet } from "../../domain/data/Images.ts"
import type { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { EvaluationReport } from "../../domain/metrics/EvaluationReport.ts"
import { evaluationTable } from "../../domain/metrics/evaluationTable.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { ClassifierStore, layerClassifier } from "../../layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { layerSilent, TrainingLog } from "../../layers/log/TrainingLog.ts"
import { layerTerminal } from "../../layers/log/terminal.ts"
import { layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import type { OpenCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { openClassifier } from "../classifier/openClassifier.ts"
import { evaluateImages, wholeDataset } from "../evaluation/evaluateImages.ts"
import { measureElbo } from "../evaluation/measureElbo.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { checkpointHelp, choiceFlags, moduleFlag } from "./checkpointFlags.ts"
import { classifierFolder } from "./classifierFolder.ts"
import { datasetDescription, referenceSettings } from "./datasetChoice.ts"
import { evaluatedImages, type ImageSource, imageSource, usualCount } from "./evaluatedImages.ts"
import { ChosenFeatures, featureFlags, featuresLayer } from "./featureFlags.ts"
import { announce, jsonFlag, printReport, wholeNumber } from "./flags.ts"
import { datasetLayer, recordedDataLayer } from "./layers.ts"
import { filePath } from "./paths.ts"
import { inputFlag } from "./samplerInputs.ts"
import { asUserError } from "./userError.ts"

const mostImages = 1_000_000

/** `fovea evaluate`: the measures of a generator's images, or of anyone's. */
export const evaluateCommand = Command.make(
  "evaluate",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp), Flag.optional),
    samples: filePath("samples").pipe(
      Flag.withDescription("instead: a folder of images, or FILE.npy with numbers in [0, 1] or bytes"),
      Flag.optional
    ),
    count: wholeNumber("count", 1, mostImages).pipe(
      Flag.withDescription(`how many images to draw from the checkpoint (default: ${usualCount})`),
      Flag.optional
    ),
    seed: wholeNumber("seed", 0).pipe(Flag.withDescription("seed of the latents (default: the run's)"), Flag.optional),
    dataset: filePath("dataset").pipe(
      Flag.withDescription(datasetDescription("the checkpoint's own, else mnist")),
      Flag.optional
    ),
    reference: filePath("reference").pipe(
      Flag.withDescription("instead of --dataset: a folder of images, or any data set, to compare with as a whole"),
      Flag.optional
    ),
    module: moduleFlag,
    input: inputFlag,
    ...featureFlags,
    classifier: filePath("classifier").pipe(
      Flag.withDescription(
        "folder of the classifier; trained there if it is missing (default: runs/classifier); none: measure without one"
      ),
      Flag.withDefault("runs/classifier")
    ),
    json: jsonFlag,
    ...choiceFlags,
    backend: backendFlag
  },
  (flags) =>
    Effect.gen(function* () {
      const backend = yield* backendOf(flags.backend)
      const directory = flags.classifier === "none" ? "none" : yield* classifierFolder(flags.classifier)
      const source = yield* imageSource(flags)
      const what = Option.getOrElse(
        Option.orElse(flags.checkpoint, () => flags.samples),
        () => "images"
      )
      yield* announce(flags.json, `Measuring ${what}: reading the data to compare with`)
      const data = yield* dataLayer(source, flags)
      const features = yield* featuresLayer(flags)
      const evaluation = yield* evaluate(source, flags).pipe(
        Effect.provide(
          Layer.mergeAll(
            data,
            features,
            backend,
            layerClassifier({ directory }),
            flags.json ? layerSilent : TrainingLog.warning(layerTerminal)
          )
        )
      )
      yield* printReport(
        flags.json,
        yield* Schema.encodeEffect(EvaluationReport)(evaluation),
        evaluationTable(evaluation)
      )
    }).pipe(asUserError)
).pipe(Command.withDescription("Measure images against real ones: likeness, variety, sharpness, copies, likelihood."))

/** The data set to measure against. */
const dataLayer = Effect.fnUntraced(function* (
  source: ImageSource,
  { dataset, reference }: { readonly dataset: Option.Option<string>; readonly reference: Option.Option<string> }
) {
  if (Option.isNone(reference)) return recordedDataLayer(yield* recordedDataset(source), dataset)
  if (Option.isSome(dataset)) {
    const problem = "contradicts --dataset: give one of the two"
    return yield* new SettingsError({ field: "--reference", problem })
  }
  return datasetLayer(yield* referenceSettings(reference.value))
})

/** Whatever may be wrong with the images, or the network of features, is found before a classifier is trained. */
const evaluate = Effect.fnUntraced(function* (
  from: ImageSource,
  flags: { readonly classifier: string; readonly reference: Option.Option<string> }
) {
  const { training, test } = yield* Dataset
  const { images, source, drawnFrom } = yield* evaluatedImages(from, training)
  const { extractor } = yield* ChosenFeatures
  // Standard output is for the result.
  const say = Console.error
  const classifier =
    flags.classifier === "none" ? Result.fail("none is asked for (--classifier none)") : yield* judge(say)
  if (Result.isFailure(classifier) && extractor === undefined) {
    yield* say("Distances between features need a classifier, or a network of your own: --features FILE.onnx")
  }
  const bound = drawnFrom === undefined ? undefined : yield* boundOf(drawnFrom, test, say)
  const evaluated = evaluateImages({ images, source, classifier, extractor, bound, say })
  return yield* Option.isSome(flags.reference) ? Effect.updateService(evaluated, Dataset, wholeDataset) : evaluated
})

/** The classifier of the data, or why they teach none. */
const judge = Effect.fnUntraced(function* (say: (what: string) => Effect.Effect<void>) {
  const { training } = yield* Dataset
  const store = yield* ClassifierStore
  if (training.labels !== undefined && (yield* store.list).length === 0) {
    yield* say(`There is no classifier in ${store.location} yet: one is trained there first`)
  }
  return yield* openClassifier().pipe(
    Effect.map((classifier) => Result.succeed(classifier)),
    Effect.catchTag("LabelsError", ({ message }) => Effect.succeed(Result.fail(message)))
  )
})

/** The bound of the test images, of a variational model whose encoder is there: a milestone holds the generator alone. */
const boundOf = Effect.fnUntraced(function* (
  { model, tensors, seed }: OpenCheckpoint,
  test: ImageSet,
  say: (what: string) => Effect.Effect<void>
) {
  if (model.objective !== "variational" || test.count === 0) return undefined
  if (!Object.keys(tensors).some((path) => path.startsWith("encoder."))) return undefined
  yield* say(`Measuring the variational bound of ${test.count} test images`)
  return yield* measureElbo(model, tensors, test, seed)
})

/** The data that a checkpoint was trained on; MNIST for images from files. */
const recordedDataset = (source: ImageSource) =>
  source.kind === "files"
    ? Effect.succeed<DatasetSettings>({ kind: "mnist" })
    : Effect.gen(function* () {
        const found = yield* (yield* CheckpointStore).latest
        if (Option.isNone(found)) return yield* Effect.fail("none")
        const { settings } = yield* Effect.fromResult(decodeRunDescription(found.value.description.settings))
        return settings.dataset
      }).pipe(
        Effect.provide(layerChosen(source.chosen, source.onDamage)),
        // What is wrong with a checkpoint is reported where images are drawn from it.
        Effect.orElseSucceed((): DatasetSettings => ({ kind: "mnist" }))
      )
