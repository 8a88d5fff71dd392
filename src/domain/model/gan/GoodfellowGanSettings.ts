import * as Schema from "effect/Schema"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const Keep = Schema.Finite.check(
  Schema.makeFilter((keep) => (keep > 0 && keep <= 1 ? undefined : "must lie in (0, 1]"))
)

/** Settings of Goodfellow's GAN; the `baseline` preset holds the numbers of the authors' published MNIST configuration. */
export class GoodfellowGanSettings extends Schema.Class<GoodfellowGanSettings>("GoodfellowGanSettings")(
  namedFields(
    "GoodfellowGanSettings",
    Schema.Struct({
      kind: Schema.Literal("goodfellow-gan"),
      /** Size of the latent `z`, uniform on [-sqrt 3, sqrt 3]: mean 0, variance 1. */
      latentSize: countUpTo(MAX_UNITS),
      /** Units of each of the generator's two hidden layers of rectifiers. */
      generatorUnits: countUpTo(MAX_UNITS),
      /** Maxout units of each of the discriminator's two hidden layers, and the affine maps each chooses from. */
      discriminatorUnits: countUpTo(MAX_UNITS),
      pieces: countUpTo(MAX_STEPS),
      /** The share of D's inputs, and of its hidden units, that dropout keeps. */
      keepInputs: Keep,
      keepHidden: Keep,
      /** Weights begin uniform within plus or minus these. */
      generatorBound: Positive,
      discriminatorBound: Positive
    })
  )
) {}
