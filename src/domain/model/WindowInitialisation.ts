import * as Schema from "effect/Schema"
import { windowNumbers } from "../attention/window.ts"
import { type Linear, linearParameters } from "../nn/linear.ts"
import type { ParameterSpec } from "../nn/parameter.ts"

// Beyond this windows are held (`windowFrom`).
const Logarithm = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(-20), Schema.isLessThanOrEqualTo(20))

/** A window before training: `log s2` and `log d~` of section 2.1. Both 0: filters one pixel wide, the outer ones on the image's edge. */
export const WindowInitialisation = Schema.Struct({ logVariance: Logarithm, logStride: Logarithm })
export type WindowInitialisation = typeof WindowInitialisation.Type

/**
 * The affine map from a hidden state (`units`) to a window's five numbers: first weights Glorot times `scale`, so that small ones
 * begin near `start`, in the middle of the image.
 */
export const windowMapParameters = (
  units: number,
  scale: number,
  { logVariance, logStride }: WindowInitialisation = { logVariance: 0, logStride: 0 }
): Linear<ParameterSpec> => ({
  ...linearParameters(units, windowNumbers, { kind: "glorot", scale }),
  bias: { shape: [windowNumbers], initialiser: { kind: "values", values: [0, 0, logVariance, logStride, 0] } }
})
