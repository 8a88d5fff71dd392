import * as Schema from "effect/Schema"

/**
 * A whole number from 1 to `most`. Bounds keep a mistyped or hostile setting from asking for graphs and tensors that no
 * machine holds; each is far beyond what anyone trains.
 */
export const countUpTo = (most: number) => Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(most))

/** A whole number of at least 1; not so large that products of two are inexact. */
export const Count = countUpTo(2 ** 31 - 1)

/** Glimpses, pieces, kernels: each makes the graph larger. */
export const MAX_STEPS = 1000

/** Units of a layer: two such layers are already beyond `MAX_PARAMETERS`. */
export const MAX_UNITS = 65_536

/** Trainable numbers of a whole model: 1 GiB, and three times as much with Adam's moments. */
export const MAX_PARAMETERS = 2 ** 28
