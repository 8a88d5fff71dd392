import * as Effect from "effect/Effect"
import { type ClassifierExperiment, classifierLength } from "../../domain/experiment/ClassifierExperiment.ts"
import type { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import { secondsOfClassifier, secondsOfMeasuring, secondsOfTraining } from "../../domain/paper/plan/pace.ts"
import type { PlannedRun } from "../../domain/paper/plan/ReproductionPlan.ts"
import { formatShare } from "../../domain/text/numbers.ts"
import { ClassifierStore } from "../../layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { openClassifier } from "../classifier/openClassifier.ts"
import type { Step } from "./inSteps.ts"
import { type Reproduction, reportOf } from "./reportOf.ts"
import { describeProgress, isFinished, type RunProgress, standingOf } from "./runProgress.ts"
import { trainPlanned } from "./trainPlanned.ts"

const epochsText = (epochs: number): string => (epochs === 1 ? "1 epoch" : `${Number(epochs.toFixed(1))} epochs`)

/** The training of a run from where it stands, with its figures. */
export const trainingStep = (run: PlannedRun, place: RunFolder, standing: RunProgress) => {
  const { update, totalUpdates, updatesPerEpoch } = standing
  const name = `${run.experiment}, seed ${run.seed}`
  const updates = `${totalUpdates} updates`
  // A length that was asked for in updates need not be whole epochs, or even one.
  const byUpdates = run.settings.training.updates !== undefined
  const length = byUpdates ? updates : `${epochsText(totalUpdates / updatesPerEpoch)} (${updates})`
  const begun = update === 0 ? length : `${length}, from update ${update} on`
  return {
    title: isFinished(standing) ? `${name}: ${describeProgress(standing)}` : `train ${name}: ${begun}`,
    seconds: secondsOfTraining(run, Math.max(totalUpdates - update, 0)),
    act: trainPlanned(run, place).pipe(
      Effect.andThen(standingOf(run)),
      Effect.map((reached) => `${describeProgress(reached)}; images in ${place.figures}`)
    )
  } satisfies Step<unknown, unknown>
}

/** The training of the classifier that measures, from where it is in the `ClassifierStore`. */
export const classifierStep = Effect.fnUntraced(function* (settings: ClassifierExperiment, data: DatasetSettings) {
  const { training, test } = yield* Dataset
  const { list } = yield* ClassifierStore
  const { totalUpdates, updatesPerEpoch } = classifierLength(settings, training.count)
  const left = Math.max(totalUpdates - ((yield* list).at(-1) ?? 0), 0)
  const length = epochsText(totalUpdates / updatesPerEpoch)
  return {
    title: left === 0 ? "open the classifier that measures" : `train the classifier that measures: ${length}`,
    seconds: secondsOfClassifier(data, left),
    act: Effect.map(
      openClassifier(settings),
      ({ testAccuracy }) => `it names ${formatShare(testAccuracy)} of ${test.count} test images rightly`
    )
  } satisfies Step<unknown, unknown>
})

/** All measures, the claims and the report. */
export const reportStep = <E, R>(reproduction: Reproduction<E, R>, data: DatasetSettings) => {
  const { plan, runs, folder } = reproduction
  const { samples } = plan.evaluation
  return {
    title: `measure by ${samples} samples of each, judge the claims, write the report`,
    seconds: secondsOfMeasuring(data, runs.length, samples),
    act: Effect.as(reportOf(reproduction), `open ${folder}/report/index.html`)
  } satisfies Step<unknown, unknown>
}
