import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isGreaterThan(0))

/** Settings of the classifier's network. */
export class ClassifierSettings extends Schema.Class<ClassifierSettings>("ClassifierSettings")({
  /** Kernels of the first and of the second convolution. */
  kernels: Schema.Tuple([Count, Count]),
  /** Rows and columns of every kernel; odd, so that they have a middle. */
  kernelSize: Count.check(Schema.makeFilter((size) => (size % 2 === 1 ? undefined : "must be odd"))),
  /** Units of the last hidden layer: the numbers that measures compare pictures by. */
  features: Count
}) {}
