import { read } from "../../attention/read.ts"
import { type AttentionWindow, windowFrom } from "../../attention/window.ts"
import { gruCellParameters, gruStep } from "../../nn/gruCell.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { type RecurrentCell, simpleRnnCellParameters, simpleRnnStep } from "../../nn/simpleRnnCell.ts"
import { broadcast } from "../../tensor/broadcast.ts"
import { concatenate, reshape, size } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import { windowMapParameters } from "../WindowInitialisation.ts"
import { type AttentionGanSettings, readerOf } from "./AttentionGanSettings.ts"

/** Parameters of the discriminator of section 2.3. */
export type AttentionDiscriminator<Leaf> = {
  /** `h_0`, `[1, units]`: learned. */
  readonly initialHidden: Leaf
  /** The reader's five numbers from `h_{t-1}`. */
  readonly window: Linear<Leaf>
  /** `RNN_D` to `units`: the plain cell from a glimpse joined to the hidden state (`channels N N + units`), the gated one from a glimpse. */
  readonly rnn: RecurrentCell<Leaf>
  /** From `h_T` to the logit. */
  readonly output: Linear<Leaf>
}

export const attentionDiscriminatorParameters = (
  settings: AttentionGanSettings,
  { channels }: ImageFormat
): AttentionDiscriminator<ParameterSpec> => {
  const { units, cell, windowScale, readingStart, initialHiddenDeviation } = settings
  const { filters } = readerOf(settings)
  const glimpseSize = channels * filters * filters
  return {
    initialHidden: { shape: [1, units], initialiser: { kind: "normal", standardDeviation: initialHiddenDeviation } },
    window: windowMapParameters(units, windowScale, readingStart),
    rnn: cell === "gated" ? gruCellParameters(glimpseSize, units) : simpleRnnCellParameters(glimpseSize + units, units),
    output: linearParameters(units, 1)
  }
}

/**
 * The discriminator (eq. 3-5), as the logit of `D(x)`:
 *
 *     r_t = read(x, h_{t-1})    h_t = RNN_D(h_{t-1}, [r_t, h_{t-1}])    D(x) = sigmoid(W(h_T))
 *
 * `images` is `[n, channels, B, A]`, the result `[n]`.
 */
export const discriminate = (
  parameters: AttentionDiscriminator<Tensor>,
  settings: AttentionGanSettings,
  images: Tensor
): Tensor => readImages(parameters, settings, images).logits

/** How a discriminator came to its logits. */
export interface Reading {
  /** `[n]` */
  readonly logits: Tensor
  /** The window of step t = 1..T; of the first, each number is `[1, 1]`: it is the same for all images. */
  readonly windows: ReadonlyArray<AttentionWindow>
  /** `h_t` after step t = 1..T, each `[n, units]`. */
  readonly states: ReadonlyArray<Tensor>
}

/** The discriminator of `discriminate`, with every step that led to its logits. */
export const readImages = (
  parameters: AttentionDiscriminator<Tensor>,
  settings: AttentionGanSettings,
  images: Tensor
): Reading => {
  const { filters, glimpses } = readerOf(settings)
  const [count, channels, height, width] = [size(images, 0), size(images, 1), size(images, 2), size(images, 3)]
  const readingWidth = sizeOf([channels, filters, filters])
  const step = settings.cell === "gated" ? gruStep : simpleRnnStep
  const rnn = step(parameters.rnn, settings.activation.discriminator)
  const windows: Array<AttentionWindow> = []
  const states: Array<Tensor> = []
  let hidden = parameters.initialHidden
  for (let t = 0; t < glimpses; t++) {
    const window = windowFrom(linear(parameters.window, hidden), { height, width, filters })
    const reading = reshape(read(images, window, filters), [count, readingWidth])
    hidden = rnn(hidden, settings.cell === "gated" ? reading : joinedTo(reading, hidden))
    windows.push(window)
    states.push(hidden)
  }
  return { logits: reshape(linear(parameters.output, hidden), [count]), windows, states }
}

/** `[r_t, h_{t-1}]`, `[n, channels N N + units]`. */
const joinedTo = (reading: Tensor, hidden: Tensor): Tensor =>
  concatenate([reading, broadcast(hidden, [size(reading, 0), size(hidden, 1)])], 1)
