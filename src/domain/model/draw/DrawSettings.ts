import * as Schema from "effect/Schema"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"
import { WindowInitialisation } from "../WindowInitialisation.ts"

/** Settings of DRAW (Gregor 2015, table 3 of which has the published sizes). */
export class DrawSettings extends Schema.Class<DrawSettings>("DrawSettings")(
  namedFields(
    "DrawSettings",
    Schema.Struct({
      kind: Schema.Literal("draw"),
      /** Whether it reads and writes through movable windows (section 3.2), or whole images at every step (section 3.1). */
      attention: Schema.Boolean,
      /** `N` of the reading window: filters per axis. Without attention it means nothing. */
      readFilters: countUpTo(MAX_STEPS),
      /** `N` of the writing window: filters per axis. Without attention it means nothing. */
      writeFilters: countUpTo(MAX_STEPS),
      /** `T`: glimpses, which are also the steps of both recurrent networks. */
      glimpses: countUpTo(MAX_STEPS),
      /** Units of each recurrent network. */
      units: countUpTo(MAX_UNITS),
      /** Size of each step's latent `z_t`. */
      latentSize: countUpTo(MAX_UNITS),
      /** Factor on the first weights of the maps that place the windows; small ones begin with the whole image in view. */
      windowScale: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
      /**
       * `log s2` and `log d~` of the reading window before training (eq. 21 of the paper), which it learns to change; 0 and 0 if left
       * out. Then the outer filters stand on the image's edge, and a window of 2 x 2 sees nothing but its corners.
       */
      readingStart: Schema.optionalKey(WindowInitialisation)
    })
  )
) {}
