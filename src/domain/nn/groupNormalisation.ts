import { add, divide, multiply, square, subtract } from "../tensor/arithmetic.ts"
import { sqrt } from "../tensor/elementwise.ts"
import { reshape, size } from "../tensor/movement.ts"
import { ShapeError } from "../tensor/Rule.ts"
import { mean } from "../tensor/reduction.ts"
import { sizeOf } from "../tensor/Shape.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { ParameterSpec } from "./parameter.ts"

/** Parameters of a normalisation of each example by itself. */
export type Normalisation<Leaf> = {
  /** gamma: the standard deviation of what comes out. */
  readonly scale: Leaf
  /** beta: its mean. */
  readonly shift: Leaf
}

const constant = (shape: ReadonlyArray<number>, value: number): ParameterSpec => ({
  shape,
  initialiser: { kind: "constant", value }
})

/** Parameters of layer normalisation, each `[features]`: it begins with mean 0 and variance 1. */
export const layerNormalisationParameters = (features: number): Normalisation<ParameterSpec> => ({
  scale: constant([features], 1),
  shift: constant([features], 0)
})

/** Parameters of group normalisation, each `[1, channels, 1, 1]`: it begins with mean 0 and variance 1. */
export const groupNormalisationParameters = (channels: number): Normalisation<ParameterSpec> => ({
  scale: constant([1, channels, 1, 1], 1),
  shift: constant([1, channels, 1, 1], 0)
})

/** Added to variances, so that what is the same everywhere divides nothing by 0. */
const epsilon = 1e-5

/** `(x - E[x]) / sqrt(Var[x] + epsilon)` over the last axis. */
const standardised = (x: Tensor): Tensor => {
  const centred = subtract(x, mean(x, [-1], true))
  return divide(centred, sqrt(add(mean(square(centred), [-1], true), epsilon)))
}

/**
 * Layer normalisation (J. Ba, J. Kiros and G. Hinton 2016): each row by its own mean and variance over its features,
 * `y = gamma (x - E[x]) / sqrt(Var[x] + epsilon) + beta`; `[.., features]` to the same shape.
 */
export const layerNormalisation = ({ scale, shift }: Normalisation<Tensor>, x: Tensor): Tensor =>
  add(multiply(standardised(x), scale), shift)

/**
 * Group normalisation (Y. Wu and K. He 2018): each example's channels in groups of neighbours, each group by its own mean and
 * variance over its channels, rows and columns. `[n, channels, rows, columns]` to the same shape. One group for all
 * channels is layer normalisation of images, one for each is instance normalisation. Throws a `ShapeError` where the
 * channels do not divide into this many equal groups.
 */
export const groupNormalisation = ({ scale, shift }: Normalisation<Tensor>, x: Tensor, groups: number): Tensor => {
  const [count, channels] = [size(x, 0), size(x, 1)]
  if (!(Number.isInteger(groups) && groups > 0 && channels % groups === 0)) {
    throw new ShapeError("groupNormalisation", [x.shape], `${channels} channels do not make ${groups} equal groups`)
  }
  const grouped = reshape(x, [count, groups, sizeOf(x.shape) / (count * groups)])
  return add(multiply(reshape(standardised(grouped), x.shape), scale), shift)
}
