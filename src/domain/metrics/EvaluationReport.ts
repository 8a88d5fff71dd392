import * as Schema from "effect/Schema"
import { AvailableMeasures } from "./AvailableMeasures.ts"
import { ClassifierRecord } from "./ClassifierRecord.ts"
import { ElboMeasures } from "./ElboMeasures.ts"

/**
 * What `fovea evaluate` found: a set of images, and what its numbers are to be read beside. As JSON, its `--json`. Version 2: measures
 * that the images or the data do not allow are missing, with their reasons in `unmeasured`.
 */
export const EvaluationReport = Schema.Struct({
  format: Schema.Literal("fovea-evaluation"),
  version: Schema.Literal(2),
  /** Where the images come from, in words. */
  source: Schema.String,
  /** The data set's name. */
  dataset: Schema.String,
  /** Where there is one. */
  classifier: Schema.optionalKey(ClassifierRecord),
  /** The network of `--features`, whose features distances are of; without it they are the classifier's. */
  features: Schema.optionalKey(
    Schema.Struct({
      /** Of its file. */
      name: Schema.String,
      /** SHA-256 of its file, in hexadecimal. */
      digest: Schema.String,
      /** Numbers of an image. */
      width: Schema.Int,
      /** What it was shown, in words. */
      input: Schema.String
    })
  ),
  /** What should be known before any of the numbers is believed, a sentence each. */
  warnings: Schema.Array(Schema.String),
  samples: AvailableMeasures,
  /** Of all test images, binarised: only of a variational model whose checkpoint holds its encoder. */
  bound: Schema.optionalKey(ElboMeasures),
  /** Test images (the floor; without any there is none), uniform noise and the mean training image (the ceilings), as many as there are samples. */
  references: Schema.Struct({
    testImages: Schema.optionalKey(AvailableMeasures),
    noise: AvailableMeasures,
    meanImage: AvailableMeasures
  })
})
export type EvaluationReport = typeof EvaluationReport.Type
