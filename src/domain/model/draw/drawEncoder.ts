import { read } from "../../attention/read.ts"
import { windowFrom, windowTable } from "../../attention/window.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import { initialLstmState, type LstmCell, type LstmState, lstmCellParameters, lstmStep } from "../../nn/lstmCell.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { add } from "../../tensor/arithmetic.ts"
import { broadcast } from "../../tensor/broadcast.ts"
import { matmul } from "../../tensor/matmul.ts"
import { concatenate, reshape, size, split } from "../../tensor/movement.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import { windowMapParameters } from "../WindowInitialisation.ts"
import type { DrawSettings } from "./DrawSettings.ts"
import { pixelsOf } from "./drawDecoder.ts"

/** Parameters of DRAW's encoder. */
export type DrawEncoder<Leaf> = {
  /** `h_0^enc`, learned. */
  readonly initial: LstmState<Leaf>
  /** `RNN^enc`, from the reading joined to `h_{t-1}^dec` to `units`. */
  readonly rnn: LstmCell<Leaf>
  /** Mean of `Q(z_t | h_t^enc)`. */
  readonly mean: Linear<Leaf>
  /** Logarithm of its variance. */
  readonly logVariance: Linear<Leaf>
  /** With attention: from `h_{t-1}^dec` to the five numbers of the reading window. */
  readonly reader: { readonly window: Linear<Leaf> } | { readonly [none: string]: never }
}

export const drawEncoderParameters = (
  { attention, readFilters, units, latentSize, windowScale, readingStart }: DrawSettings,
  format: ImageFormat
): DrawEncoder<ParameterSpec> => {
  const readingWidth = 2 * (attention ? format.channels * readFilters ** 2 : pixelsOf(format))
  return {
    initial: initialLstmState(units),
    rnn: lstmCellParameters(readingWidth + units, units),
    mean: linearParameters(units, latentSize),
    logVariance: linearParameters(units, latentSize),
    reader: attention ? { window: windowMapParameters(units, windowScale, readingStart) } : {}
  }
}

/** What the encoder is given at a step besides its own state. */
export interface Looking {
  /** `x_hat_t = x - sigmoid(c_{t-1})`, `[n, channels, B, A]`. */
  readonly error: Tensor
  /** `h_{t-1}^dec`, `[n or 1, units]`. */
  readonly decoderHidden: Tensor
  /** The five numbers of the reading window, `[n or 1, 5]`, where there is one. */
  readonly place: Tensor | undefined
}

/** The encoder's state after a step, and the window it read through where there is one, `[n, 5]` (`windowTable`). */
export interface Looked {
  readonly state: LstmState<Tensor>
  readonly reading?: Tensor
}

/**
 * The encoder's step over images `[n, channels, B, A]` (eq. 4 and 5), of
 *
 *     r_t = read(x, x_hat_t, h_{t-1}^dec)    h_t^enc = RNN^enc(h_{t-1}^enc, [r_t, h_{t-1}^dec])
 *
 * With attention image and error image are read through one window, `r_t = [read(x), read(x_hat_t)]` (eq. 27);
 * without it `r_t = [x, x_hat_t]` (eq. 17), and what `x` adds to the cell's sums is the same at every step, and worked out once.
 */
export const encoderOf = (
  { rnn }: DrawEncoder<Tensor>,
  { attention, readFilters: filters }: DrawSettings,
  images: Tensor
): ((state: LstmState<Tensor>, looking: Looking) => Looked) => {
  const [count, channels, height, width] = [size(images, 0), size(images, 1), size(images, 2), size(images, 3)]
  const forAll = (x: Tensor): Tensor => broadcast(x, [count, size(x, 1)])
  if (attention) {
    return ({ hidden, memory }, { error, decoderHidden, place = decoderHidden }) => {
      const window = windowFrom(place, { height, width, filters })
      const glimpses = read(concatenate([images, error], 1), window, filters)
      const seen = reshape(glimpses, [count, 2 * channels * filters ** 2])
      const sums = linear(rnn, concatenate([seen, forAll(decoderHidden), forAll(hidden)], 1))
      return { state: lstmStep(sums, memory), reading: forAll(windowTable(window)) }
    }
  }
  const pixels = channels * height * width
  const flat = (x: Tensor): Tensor => reshape(x, [count, pixels])
  const [imageWeight, weight] = split(rnn.weight, 0, [pixels, size(rnn.weight, 0) - pixels])
  const ofImage = linear({ weight: imageWeight, bias: rnn.bias }, flat(images))
  return ({ hidden, memory }, { error, decoderHidden }) => {
    const joined = concatenate([flat(error), forAll(decoderHidden), forAll(hidden)], 1)
    return { state: lstmStep(add(ofImage, matmul(joined, weight)), memory) }
  }
}
