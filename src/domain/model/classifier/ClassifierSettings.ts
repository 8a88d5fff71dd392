import * as Schema from "effect/Schema"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"

/** Settings of the classifier's network. */
export class ClassifierSettings extends Schema.Class<ClassifierSettings>("ClassifierSettings")(
  namedFields(
    "ClassifierSettings",
    Schema.Struct({
      /** Kernels of the first and of the second convolution. */
      kernels: Schema.Tuple([countUpTo(MAX_STEPS), countUpTo(MAX_STEPS)]),
      /** Rows and columns of every kernel; odd, so that they have a middle. */
      kernelSize: countUpTo(MAX_STEPS).check(Schema.makeFilter((size) => (size % 2 === 1 ? undefined : "must be odd"))),
      /** Units of the last hidden layer: the numbers that measures compare images by. */
      features: countUpTo(MAX_UNITS)
    })
  )
) {}
