import * as Schema from "effect/Schema"
import { countUpTo, MAX_STEPS, MAX_UNITS } from "./countUpTo.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const Channels = Schema.Tuple([countUpTo(MAX_STEPS), countUpTo(MAX_STEPS)])

/** Settings of the DCGAN; the numbers of Radford 2015 are in the `dcgan` preset, but for the channels. */
export class DcganSettings extends Schema.Class<DcganSettings>("DcganSettings")({
  kind: Schema.Literal("dcgan"),
  /** Size of the latent `z`, uniform on [-1, 1]. */
  latentSize: countUpTo(MAX_UNITS),
  /** Maps of the generator's first layer, at a quarter of the picture's rows and columns, and of its second, at half of them. */
  generatorChannels: Channels,
  /** Maps of the discriminator's first layer, at half of the rows and columns, and of its second, at a quarter. */
  discriminatorChannels: Channels,
  /** Rows and columns of every kernel. */
  kernelSize: countUpTo(MAX_STEPS).check(
    Schema.makeFilter((size) => (size >= 2 ? undefined : "must be at least 2, the stride"))
  ),
  /** The slope of the discriminator's rectifiers below 0. */
  leak: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  /** Weights begin as draws from N(0, this squared). */
  weightDeviation: Positive
}) {}

/** Two layers of stride 2 halve rows and columns twice. */
const reduction = 4

/** What is wrong with a DCGAN for pictures of this size, or `undefined`. */
export const dcganMisfit = ({
  height,
  width
}: {
  readonly height: number
  readonly width: number
}): string | undefined =>
  height % reduction === 0 && width % reduction === 0
    ? undefined
    : `a DCGAN halves rows and columns twice, but pictures of ${height} x ${width} pixels cannot be divided by ${reduction}`
