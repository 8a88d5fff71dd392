import * as Schema from "effect/Schema"
import { activationNames } from "../../nn/activation.ts"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"

/** Settings of the variational autoencoder. */
export class VaeSettings extends Schema.Class<VaeSettings>("VaeSettings")(
  namedFields(
    "VaeSettings",
    Schema.Struct({
      kind: Schema.Literal("vae"),
      /** Size of the latent `z`. */
      latentSize: countUpTo(MAX_UNITS),
      /** Units of each hidden layer of the encoder, from the image on; the decoder has them in the opposite order. */
      units: Schema.Array(countUpTo(MAX_UNITS)).check(
        Schema.makeFilter((layers) =>
          layers.length > 0 && layers.length <= MAX_STEPS ? undefined : `must have from 1 to ${MAX_STEPS} layers`
        )
      ),
      activation: Schema.Literals(activationNames)
    })
  )
) {}
