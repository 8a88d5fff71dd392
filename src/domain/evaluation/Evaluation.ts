import * as Schema from "effect/Schema"
import { BoundMeasures } from "./BoundMeasures.ts"
import { ClassifierRecord } from "./ClassifierRecord.ts"
import { SampleMeasures } from "./SampleMeasures.ts"

/** What `fovea evaluate` found: a set of pictures, and what its numbers are to be read beside. As JSON, its `--json`. */
export const Evaluation = Schema.Struct({
  format: Schema.Literal("fovea-evaluation"),
  version: Schema.Literal(1),
  /** Where the pictures come from, in words. */
  source: Schema.String,
  /** The data set's name. */
  dataset: Schema.String,
  classifier: ClassifierRecord,
  /** What should be known before any of the numbers is believed, a sentence each. */
  warnings: Schema.Array(Schema.String),
  samples: SampleMeasures,
  /** Of all test images, binarised: only of a variational model whose checkpoint holds its encoder. */
  bound: Schema.optionalKey(BoundMeasures),
  /** Test images (the floor), uniform noise and the mean training image (the ceilings), as many as there are samples. */
  references: Schema.Struct({ testImages: SampleMeasures, noise: SampleMeasures, meanImage: SampleMeasures })
})
export type Evaluation = typeof Evaluation.Type
