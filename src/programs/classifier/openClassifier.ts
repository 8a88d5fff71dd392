import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { labelledExamples } from "../../domain/data/Examples.ts"
import { pixelMarginals } from "../../domain/data/Images.ts"
import { type LabelledImages, LabelsError, labelledImages } from "../../domain/data/LabelledImages.ts"
import {
  type ClassifierExperiment,
  type ClassifierLength,
  classifierLength,
  classifierPreset
} from "../../domain/experiment/ClassifierExperiment.ts"
import { classifierIdentity, classifierIncompatibility } from "../../domain/experiment/classifierIncompatibility.ts"
import { classifierProgram, classifierState } from "../../domain/experiment/classifierTraining.ts"
import { classFrequencies, mostProbable } from "../../domain/metrics/classes.ts"
import { type ClassifierModel, classifierModel } from "../../domain/model/classifier/Classifier.ts"
import { initialise, parameterCount } from "../../domain/nn/parameter.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { ClassifierStore } from "../../layers/checkpoint/ClassifierStore.ts"
import { shuffled } from "../../layers/dataset/BatchSource.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import { thisEnvironment } from "../../layers/machine/thisEnvironment.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { checkpointEvery, type Describe, logEvery, type Snapshot } from "../training/Training.ts"
import { trainingSteps } from "../training/trainingSteps.ts"
import { classifyImageSet } from "./classify.ts"
import type { TrainedClassifier } from "./TrainedClassifier.ts"

const logEveryUpdates = 100

/** The name of the test accuracy among a checkpoint's metrics. */
const testAccuracyMetric = "testAccuracy"

/**
 * The classifier of these settings on the `Dataset`: the one in the `ClassifierStore` if it is finished, else trained to its
 * end, from the store's checkpoint on if there is one. Its accuracy on the test images is measured once and kept with it.
 * Fails with a `SettingsError` if the store holds something else (another model, other settings or data), with a
 * `LabelsError` if training or test images lack labels, there are none, or those for training are all of one class, and as
 * `trainingSteps` and the store do. Of few images it makes many passes (`classifierLength`).
 * Fails with a `FolderLockedError` if it has to be trained and another process is at it, and with a `LockLostError` if
 * one takes the folder over meanwhile. Interrupted, it checkpoints first.
 */
export const openClassifier = (settings: ClassifierExperiment = classifierPreset) =>
  open(settings).pipe(Effect.withSpan("Evaluation.openClassifier"))

const open = Effect.fnUntraced(function* (settings: ClassifierExperiment) {
  const { name, digests, ...data } = yield* Dataset
  const [ofTraining, ofTest] = [`the training images of ${name}`, `the test images of ${name}`]
  const learnt = yield* Effect.fromResult(labelledImages(data.training, ofTraining))
  const test = yield* Effect.fromResult(labelledImages(data.test, ofTest))
  // Of few images, those for testing may show a class that none for training does.
  const classes = Math.max(learnt.classes, test.classes)
  const training = { ...learnt, classes }
  if (new Set(training.labels).size < 2) {
    const problem = "they are all of one class; a classifier learns to tell two or more apart"
    return yield* new LabelsError({ images: ofTraining, problem })
  }
  const { count, channels, height, width } = training
  const length = classifierLength(settings, count)
  const { totalUpdates } = length

  const store = yield* ClassifierStore
  const model = classifierModel(settings.model, { channels, height, width }, classes)
  const identity = classifierIdentity(model, settings, { name, digests })
  const { name: backend } = yield* TensorBackend
  const environment = yield* thisEnvironment(backend, 1)
  const describe: Describe = ({ update, metrics }) =>
    Effect.map(DateTime.now, (now) => ({
      ...identity,
      library: { name: "fovea", version: libraryVersion },
      update,
      backend,
      environment,
      metrics,
      createdAt: DateTime.formatIso(now)
    }))

  const finished = Option.exists(
    yield* store.latest,
    ({ description: { update, metrics } }) => update >= totalUpdates && metrics[testAccuracyMetric] !== undefined
  )
  const opened = Effect.gen(function* () {
    const found = yield* store.latest
    if (Option.isSome(found)) {
      const conflict = classifierIncompatibility(found.value.description, identity, store.location)
      if (conflict !== undefined) return yield* conflict
    }
    const start: Snapshot = Option.match(found, {
      onNone: () => firstSnapshot(model, settings, training),
      onSome: ({ description: { update, metrics }, tensors }) => ({ update, metrics, tensors })
    })
    const end =
      start.update < totalUpdates ? yield* train({ model, settings, training, start, length, describe, store }) : start
    const unmeasured = {
      settings,
      format: model.format,
      classes,
      tensors: end.tensors,
      epochs: totalUpdates / length.updatesPerEpoch,
      testImages: test.count,
      commonestShare: Math.max(...classFrequencies(test.labels, classes))
    }
    const known = end.metrics[testAccuracyMetric]
    if (known !== undefined) return { ...unmeasured, testAccuracy: known }

    const testAccuracy = yield* accuracyOn(test, { ...unmeasured, testAccuracy: Number.NaN })
    const metrics = { ...end.metrics, [testAccuracyMetric]: testAccuracy }
    yield* store.save({ description: yield* describe({ ...end, metrics }), tensors: end.tensors })
    const classifier: TrainedClassifier = { ...unmeasured, testAccuracy }
    return classifier
  })
  return yield* finished ? opened : store.hold(opened)
})

const firstSnapshot = (
  model: ClassifierModel,
  { seed, optimizer }: ClassifierExperiment,
  training: LabelledImages
): Snapshot => ({
  update: 0,
  metrics: {},
  tensors: initialise(classifierState(model, optimizer), seed, pixelMarginals(training, seed))
})

/** Trains to the end, with the store's checkpoints and the log of a run; the snapshot at the end. */
const train = Effect.fnUntraced(function* (run: {
  readonly model: ClassifierModel
  readonly settings: ClassifierExperiment
  readonly training: LabelledImages
  readonly start: Snapshot
  readonly length: ClassifierLength
  readonly describe: Describe
  readonly store: ClassifierStore["Service"]
}) {
  const { model, settings, training, start, describe, store } = run
  const { totalUpdates, batchSize, checkpointEvery: every } = run.length
  const log = yield* TrainingLog
  const { name: backend } = yield* TensorBackend
  const began = yield* Clock.currentTimeMillis
  yield* log.record({
    _tag: "Started",
    name: model.name,
    settings: (yield* describe(start)).settings,
    update: start.update,
    totalUpdates,
    backend,
    parameters: parameterCount(model.parameters)
  })
  const last = yield* trainingSteps({
    program: classifierProgram(model, { ...settings, batchSize }),
    start: { update: start.update, state: start.tensors },
    data: shuffled(labelledExamples(training), { digests: {} }),
    batchSize,
    seed: settings.seed,
    totalUpdates
  }).pipe(
    logEvery(logEveryUpdates),
    checkpointEvery(every, describe),
    Stream.runLast,
    Effect.provideService(CheckpointStore, store)
  )
  const end = Option.isSome(last) ? yield* last.value.snapshot : start
  yield* log.record({
    _tag: "Finished",
    update: end.update,
    seconds: ((yield* Clock.currentTimeMillis) - began) / 1000
  })
  return end
})

/** The share of images whose most probable class is their own. */
const accuracyOn = Effect.fnUntraced(function* (test: LabelledImages, classifier: TrainedClassifier) {
  const { probabilities } = yield* classifyImageSet(classifier, test)
  const named = mostProbable(probabilities)
  return named.filter((label, i) => label === test.labels[i]).length / test.count
})
