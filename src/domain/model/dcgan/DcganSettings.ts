import * as Schema from "effect/Schema"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "../../settings/countUpTo.ts"
import { namedFields } from "../../settings/SettingsError.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** Every layer halves rows and columns: after this many, any image has come to one pixel. */
const MAX_LAYERS = 16
const Channels = Schema.NonEmptyArray(countUpTo(MAX_STEPS)).check(Schema.isMaxLength(MAX_LAYERS))

/** Settings of the DCGAN; the numbers of Radford 2015 are in the `dcgan` preset, but for the channels. */
export class DcganSettings extends Schema.Class<DcganSettings>("DcganSettings")(
  namedFields(
    "DcganSettings",
    Schema.Struct({
      kind: Schema.Literal("dcgan"),
      /** Size of the latent `z`, uniform on [-1, 1]. */
      latentSize: countUpTo(MAX_UNITS),
      /**
       * Maps of each of the generator's layers, the smallest images first. There are as many transposed convolutions, each to
       * twice the rows and columns.
       */
      generatorChannels: Channels,
      /** Maps that each of the discriminator's convolutions makes, each at half the rows and columns of what it sees. */
      discriminatorChannels: Channels,
      /** Rows and columns of every kernel. */
      kernelSize: countUpTo(MAX_STEPS).check(
        Schema.makeFilter((size) => (size >= 2 ? undefined : "must be at least 2, the stride"))
      ),
      /** The slope of the discriminator's rectifiers below 0. */
      leak: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
      /** Weights begin as draws from N(0, this squared). */
      weightDeviation: Positive
    })
  )
) {}
