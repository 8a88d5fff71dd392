import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ClassifierExperiment } from "../../domain/experiment/ClassifierExperiment.ts"
import { classifierWarning } from "../../domain/metrics/ClassifierRecord.ts"
import { measuresVersion, SampleMeasures } from "../../domain/metrics/SampleMeasures.ts"
import { judgeIntroduction } from "../../domain/paper/claim/introduction.ts"
import { claimedExperiments, judgeClaims } from "../../domain/paper/claim/judgeClaims.ts"
import type { PlannedRun, ReproductionPlan } from "../../domain/paper/plan/ReproductionPlan.ts"
import { seedsText } from "../../domain/paper/report/claimsTable.ts"
import type { ReportFigure, Results } from "../../domain/paper/report/Results.ts"
import { formatShare } from "../../domain/text/numbers.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import type { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import type { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { thisMachine } from "../../layers/machine/thisMachine.ts"
import { type RunFolder, runFolder } from "../checkpoint/RunFolder.ts"
import { openClassifier } from "../classifier/openClassifier.ts"
import { recordOf, type TrainedClassifier } from "../classifier/TrainedClassifier.ts"
import { openReference } from "../evaluation/EvaluationReference.ts"
import { measureReferences } from "../evaluation/measureReferences.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { cached } from "./cached.ts"
import { heard } from "./inSteps.ts"
import { type MeasuredRun, measureRun } from "./measureRun.ts"
import { runFigures } from "./runFigures.ts"
import { describeProgress, isFinished, openedStandingOf } from "./runProgress.ts"
import { writeReport } from "./writeReport.ts"

/** A reproduction in its folder. */
export interface Reproduction<E, R> {
  readonly plan: ReproductionPlan
  readonly runs: ReadonlyArray<PlannedRun>
  readonly folder: string
  /** The classifier that measures; its preset if left out. */
  readonly classifier?: ClassifierExperiment
  /** What a run keeps in its folder. */
  readonly stores: (folder: RunFolder) => Layer.Layer<CheckpointStore | Milestones, E, R>
}

/** There is nothing to report on. */
export class NothingTrainedError extends Schema.TaggedError<NothingTrainedError>()("NothingTrainedError", {
  folder: Schema.String
}) {
  override get message(): string {
    return `There is no checkpoint of any experiment of the plan in ${this.folder}: train one first, or name the folder of a reproduction.`
  }
}

/** What a classifier's numbers follow from, besides the data. */
const classifierKey = ({ settings, epochs, testAccuracy }: TrainedClassifier) =>
  Effect.map(Effect.orDie(Schema.encodeEffect(ClassifierExperiment)(settings)), (encoded) => ({
    settings: { ...encoded },
    epochs,
    testAccuracy
  }))

const References = Schema.Struct({ testImages: SampleMeasures, noise: SampleMeasures, meanImage: SampleMeasures })

/**
 * Measures what there is of a reproduction, judges the claims by it (and, where it trains systems that the paper did not, what its
 * introduction says of them) and writes `report/index.html` and
 * `report/results.json` in its folder. What is not there, or not finished, the report names as missing; what was measured
 * before is not measured again. Returns the results. Fails with a `NothingTrainedError` if there is no checkpoint at all.
 */
export const reportOf = Effect.fn("reportOf")(function* <E, R>(reproduction: Reproduction<E, R>) {
  const { plan, runs, folder, stores } = reproduction
  const places = runs.map((run) => ({ run, place: runFolder(`${folder}/${run.folder}`) }))
  const standings = yield* Effect.forEach(places, ({ run, place }) =>
    Effect.provide(openedStandingOf(run), stores(place))
  )
  if (standings.every(({ update }) => update === 0)) return yield* new NothingTrainedError({ folder })

  const classifier = yield* openClassifier(reproduction.classifier)
  const dataset = yield* Dataset
  const judge = {
    reference: yield* Effect.cached(
      openReference(classifier).pipe(heard("Looking at all images of the data as the classifier sees them"))
    ),
    key: { dataset: dataset.digests, classifier: yield* classifierKey(classifier) }
  }
  yield* Console.log(
    `The classifier that measures names ${formatShare(classifier.testAccuracy)} of ${dataset.test.count} test images rightly`
  )
  const warning = classifierWarning(classifier)
  if (warning !== undefined) yield* Effect.logWarning(warning)
  const { samples } = plan.evaluation
  const references = yield* cached(
    `${folder}/evaluation/references.json`,
    { schema: References, key: { library: libraryVersion, measures: measuresVersion, judge: judge.key, samples } },
    Effect.flatMap(judge.reference, (reference) =>
      measureReferences(reference, samples).pipe(
        heard(`Measuring ${samples} test images, as many images of noise, and the mean image`)
      )
    )
  )
  const measured = yield* Effect.forEach(places, ({ run, place }) =>
    Effect.provide(measureRun(run, place, plan.evaluation, judge), stores(place)).pipe(
      heard(`Measuring ${run.experiment}, seed ${run.seed}`)
    )
  )
  const present = measured.flatMap((one) => Option.toArray(one))
  const evidence = present.map(({ result, numbers }) => ({ ...result, ...(numbers && { numbers }) }))
  const planned = [...new Set(runs.map(({ experiment }) => experiment))]
  // The paper's own model is no other system, however it was trained.
  const compared = runs.some(
    ({ experiment, settings }) => !claimedExperiments.includes(experiment) && settings.model.kind !== "attention-gan"
  )
  const results: Results = {
    format: "fovea-results",
    version: 1,
    name: plan.name,
    createdAt: DateTime.formatIso(yield* DateTime.now),
    library: { name: "fovea", version: libraryVersion },
    machine: yield* thisMachine,
    dataset: { name: dataset.name, digests: dataset.digests },
    classifier: recordOf(classifier),
    references,
    experiments: yield* Effect.forEach(present, ({ result }) =>
      Effect.map(figuresOf(folder, runs, result), (figures) => ({ ...result, figures }))
    ),
    claims: judgeClaims(evidence, planned),
    ...(compared && { systems: judgeIntroduction(evidence, planned) }),
    missing: places.flatMap(({ run }, i) => {
      const standing = standings[i]
      if (standing === undefined || isFinished(standing)) return []
      return [`${run.experiment}, seed ${run.seed}: ${describeProgress(standing)}`]
    })
  }
  const logs = present.flatMap(({ result }) =>
    places
      .filter(({ run }) => run.experiment === result.name && run.seed === result.seed)
      .map(({ run, place }) => ({ name: run.experiment, seed: run.seed, path: place.log }))
  )
  const report = `${folder}/report`
  yield* writeReport({ results, folder: report, logs }).pipe(heard("Writing the report"))
  yield* Console.log(
    terminalTable([
      ...[...results.claims, ...(results.systems ?? [])].map(
        (claim) => `${claim.id} ${claim.verdict.padEnd(14)} ${claim.statement}${inBrackets(seedsText(claim))}`
      ),
      ...results.missing.map((line) => `missing: ${line}`),
      `The report is ${report}/index.html`
    ])
  )
  return results
})

const inBrackets = (text: string | undefined): string => (text === undefined ? "" : ` (${text})`)

/** The images that a run has left so far, by paths relative to the report. */
const figuresOf = Effect.fnUntraced(function* (
  folder: string,
  runs: ReadonlyArray<PlannedRun>,
  { name, seed }: MeasuredRun["result"]
) {
  const fs = yield* FileSystem.FileSystem
  const run = runs.find((planned) => planned.experiment === name && planned.seed === seed)
  if (run === undefined) return []
  const { figures } = runFolder(run.folder)
  const found = yield* Effect.filter(runFigures(run.settings), ({ file }) =>
    Effect.orElseSucceed(fs.exists(`${folder}/${figures}/${file}`), () => false)
  )
  return found.map(({ name, file, caption }): ReportFigure => ({ name, path: `../${figures}/${file}`, caption }))
})
