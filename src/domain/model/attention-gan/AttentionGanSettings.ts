import * as Schema from "effect/Schema"
import { activationNames } from "../../nn/activation.ts"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"
import { LatentStep } from "../latentPlan.ts"
import { WindowInitialisation } from "../WindowInitialisation.ts"

const Activation = Schema.Literals(activationNames)

/** Settings of the attention GAN (PAPER section 2; the numbers of section 3.2 are the `paper` preset). */
export class AttentionGanSettings extends Schema.Class<AttentionGanSettings>("AttentionGanSettings")(
  namedFields(
    "AttentionGanSettings",
    Schema.Struct({
      kind: Schema.Literal("attention-gan"),
      /** `N`: filters per axis, for writing and, unless `reader` says otherwise, for reading. */
      filters: countUpTo(MAX_STEPS),
      /** `T`: glimpses, which are also the steps of the generator and, unless `reader` says otherwise, of the discriminator. */
      glimpses: countUpTo(MAX_STEPS),
      /** The discriminator's own `N` and `T`, where they are not the generator's. */
      reader: Schema.optionalKey(Schema.Struct({ filters: countUpTo(MAX_STEPS), glimpses: countUpTo(MAX_STEPS) })),
      /** Units of each recurrent network. */
      units: countUpTo(MAX_UNITS),
      /** Size of each step's latent `z_t`. */
      latentSize: countUpTo(MAX_UNITS),
      /** The first so many steps of the generator are given their latent, those after them 0 instead; all are if left out. */
      latentSteps: Schema.optionalKey(countUpTo(MAX_STEPS)),
      /** Mean and standard deviation of each step's latent; N(0, 1) at every step if it is left out. */
      latentPlan: Schema.optionalKey(Schema.Array(LatentStep)),
      /** The recurrent cell of both networks: eq. 1 (if left out), or the same with gates (`gruStep`). */
      cell: Schema.optionalKey(Schema.Literals(["plain", "gated"])),
      /** Sigma of eq. 1 in each network; of a gated cell, its candidate's. */
      activation: Schema.Struct({ generator: Activation, discriminator: Activation }),
      /** How the canvas becomes an image: `sigmoid(c_T)`, the canvas holding logits, or `c_T` itself. */
      canvas: Schema.Literals(["sigmoid", "linear"]),
      /** Where the learned `c_0` begins: at the data's pixel means, at one sampled value a pixel, or at zero. */
      canvasStart: Schema.Literals(["marginals", "sampled-marginals", "zero"]),
      /** Factor on the first weights of the maps that place the windows; small ones begin with the whole image in view. */
      windowScale: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
      /** The reading and the writing windows before training; as wide as the image, filters one pixel wide, if left out. */
      readingStart: Schema.optionalKey(WindowInitialisation),
      writingStart: Schema.optionalKey(WindowInitialisation),
      /** By how many strides the writing filters are widened, so that neighbouring ones overlap (`overlapping`); 0 if left out. */
      writingOverlap: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
      /** Sigma in pixels of the Gaussian that the writing filters are blurred by, so that none has a smaller sigma (`blurred`); 0 if left out. */
      writingBlur: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
      /** Standard deviation of the learned `h_0` at the start. */
      initialHiddenDeviation: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
    }).check(
      Schema.makeFilter(({ glimpses, latentPlan }) =>
        latentPlan === undefined || latentPlan.length === glimpses
          ? undefined
          : { path: ["latentPlan"], issue: `must have one entry a glimpse: ${glimpses}, not ${latentPlan.length}` }
      )
    )
  )
) {}

/** `N` and `T` of the discriminator: its own, or the generator's. */
export const readerOf = ({
  reader,
  filters,
  glimpses
}: AttentionGanSettings): { readonly filters: number; readonly glimpses: number } => reader ?? { filters, glimpses }
