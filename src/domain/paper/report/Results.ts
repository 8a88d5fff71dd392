import * as Schema from "effect/Schema"
import { ClassifierRecord } from "../../metrics/ClassifierRecord.ts"
import { ElboMeasures } from "../../metrics/ElboMeasures.ts"
import { HistoryMeasures, SampleMeasures } from "../../metrics/SampleMeasures.ts"

/** Whether the numbers bear a claim out. */
export const Verdict = Schema.Literals(["holds", "does not hold", "unclear"])
export type Verdict = typeof Verdict.Type

/** One number that a claim is judged by. */
export const ClaimMeasure = Schema.Struct({
  /** What it is, in words, with its unit: `sharpness relative to real digits, proposed model`. */
  name: Schema.String,
  /** Mean over seeds. */
  value: Schema.Number,
  /** Standard error of the value of one seed, from its samples, where there is one. */
  standardError: Schema.optionalKey(Schema.Number),
  /** Standard deviation over seeds, where there are several. */
  spread: Schema.optionalKey(Schema.Number),
  /** Each seed's, where there are several; results of earlier builds have none. */
  values: Schema.optionalKey(Schema.Array(Schema.Number))
})
export type ClaimMeasure = typeof ClaimMeasure.Type

/** One of the paper's claims C1-C6, or of its introduction's statements S1-S7, and what the numbers say of it. */
export const ClaimResult = Schema.Struct({
  /** `C1` .. `C6`, `S1` .. `S7`. */
  id: Schema.String,
  /** What the paper says. */
  statement: Schema.String,
  verdict: Verdict,
  /** When it holds, in one sentence without numbers of ours; results of earlier builds have none. */
  rule: Schema.optionalKey(Schema.String),
  /** What was seen and what was not, in words; likewise. */
  finding: Schema.optionalKey(Schema.String),
  /** The verdict on each seed by itself, of those seeds that every experiment compared was trained with. */
  seeds: Schema.optionalKey(Schema.Array(Schema.Struct({ seed: Schema.Int, verdict: Verdict }))),
  /** The conditions with their bounds, and how the numbers met them: one or two sentences. */
  reason: Schema.String,
  measures: Schema.Array(ClaimMeasure)
})
export type ClaimResult = typeof ClaimResult.Type

/** An image of the report. */
export const ReportFigure = Schema.Struct({
  /** `figure-4`; also the name of its file. */
  name: Schema.String,
  /** Relative to the folder of results.json, with `/`. It leads nowhere but into the reproduction's folder, one above. */
  path: Schema.String.check(
    Schema.isPattern(/^(\.\.\/)?(?!\/)(?!(.*\/)?\.\.(\/|$))[^\\]+$/, { expected: "a path within the reproduction" })
  ),
  /** What it shows, in the report's words. */
  caption: Schema.String
})
export type ReportFigure = typeof ReportFigure.Type

/** The generator at one epoch. */
export const CoursePoint = Schema.Struct({ epoch: Schema.Number, update: Schema.Int, measures: HistoryMeasures })
export type CoursePoint = typeof CoursePoint.Type

/** What a training takes. */
export const TrainingCost = Schema.Struct({
  /** Numbers that are trained, of all players. */
  parameters: Schema.Int,
  /** Floating-point operations of one update, in billions (`programCost`). */
  gigaflop: Schema.Number,
  /** Median time of an update as the run's log has it, checkpoints and images included; none without a log. */
  milliseconds: Schema.optionalKey(Schema.Number)
})
export type TrainingCost = typeof TrainingCost.Type

/** One training with one seed, as far as it has come. */
export const ExperimentResult = Schema.Struct({
  /** The experiment's: `paper`, `baseline`, `four-filters`. */
  name: Schema.String,
  seed: Schema.Int,
  settings: Schema.Json,
  /** Updates done, and to be done. */
  updates: Schema.Int,
  totalUpdates: Schema.Int,
  epochs: Schema.Number,
  /** What its last update measured. */
  metrics: Schema.Record(Schema.String, Schema.Number),
  /** Whether its samples are all alike at the end. */
  collapsed: Schema.Boolean,
  measures: SampleMeasures,
  /** Of all test images at its end, binarised: of a variational training. */
  bound: Schema.optionalKey(ElboMeasures),
  course: Schema.Array(CoursePoint),
  /** Results of earlier builds have none. */
  cost: Schema.optionalKey(TrainingCost),
  figures: Schema.Array(ReportFigure)
})
export type ExperimentResult = typeof ExperimentResult.Type

/** Everything that a reproduction found: the content of `results.json`. */
export const Results = Schema.Struct({
  format: Schema.Literal("fovea-results"),
  version: Schema.Literal(1),
  /** `full` or `quick`. */
  name: Schema.String,
  createdAt: Schema.String,
  library: Schema.Struct({ name: Schema.String, version: Schema.String }),
  machine: Schema.Struct({ processor: Schema.String, cores: Schema.Int, memoryGiB: Schema.Number }),
  dataset: Schema.Struct({ name: Schema.String, digests: Schema.Record(Schema.String, Schema.String) }),
  classifier: ClassifierRecord,
  /** What the measures are worth: test images (their floor), uniform noise and the mean image (their ceilings). */
  references: Schema.Struct({ testImages: SampleMeasures, noise: SampleMeasures, meanImage: SampleMeasures }),
  /** In the order of the reproduction, seeds ascending. */
  experiments: Schema.Array(ExperimentResult),
  claims: Schema.Array(ClaimResult),
  /** What the paper's introduction says of the systems it stands on; of plans that train them. */
  systems: Schema.optionalKey(Schema.Array(ClaimResult)),
  /** What was asked for and is not there, one line each: experiments not begun, not finished. */
  missing: Schema.Array(Schema.String)
})
export type Results = typeof Results.Type
