import { read } from "../../attention/read.ts"
import { windowFrom, windowTable } from "../../attention/window.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import { initialLstmState, type LstmCell, type LstmState, lstmCellParameters, lstmStep } from "../../nn/lstmCell.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { broadcast } from "../../tensor/broadcast.ts"
import { concatenate, reshape, size } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
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

/** The encoder's state after a step, and the window it read through where there is one, `[n, 5]` (`windowTable`). */
export interface Seen {
  readonly state: LstmState<Tensor>
  readonly reading?: Tensor
}

/**
 * The encoder's step over images `x`, `[n, channels, B, A]` (eq. 4 and 5), from its own state, the error image
 * `x_hat_t = x - sigmoid(c_{t-1})` and `h_{t-1}^dec`, `[n or 1, units]`:
 *
 *     r_t = read(x, x_hat_t, h_{t-1}^dec)    h_t^enc = RNN^enc(h_{t-1}^enc, [r_t, h_{t-1}^dec])
 *
 * With attention image and error image are read through one window, `r_t = [read(x), read(x_hat_t)]` (eq. 27);
 * without it `r_t = [x, x_hat_t]` (eq. 17).
 */
export const encoderStep = (
  { rnn, reader }: DrawEncoder<Tensor>,
  { readFilters: filters }: DrawSettings,
  images: Tensor,
  error: Tensor,
  { hidden, memory }: LstmState<Tensor>,
  decoderHidden: Tensor
): Seen => {
  const [count, height, width] = [size(images, 0), size(images, 2), size(images, 3)]
  const forAll = (x: Tensor): Tensor => broadcast(x, [count, size(x, 1)])
  const flat = (x: Tensor): Tensor => reshape(x, [count, sizeOf(x.shape) / count])
  const next = (...readings: ReadonlyArray<Tensor>): LstmState<Tensor> =>
    lstmStep(linear(rnn, concatenate([...readings, forAll(decoderHidden), forAll(hidden)], 1)), memory)
  if (!("window" in reader)) return { state: next(flat(images), flat(error)) }
  const window = windowFrom(linear(reader.window, decoderHidden), { height, width, filters })
  const glimpses = read(concatenate([images, error], 1), window, filters)
  return { state: next(flat(glimpses)), reading: forAll(windowTable(window)) }
}
