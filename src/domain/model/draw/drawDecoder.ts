import { windowFrom, windowTable } from "../../attention/window.ts"
import { write } from "../../attention/write.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import { initialLstmState, type LstmCell, type LstmState, lstmCellParameters, lstmStep } from "../../nn/lstmCell.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { add } from "../../tensor/arithmetic.ts"
import { broadcast } from "../../tensor/broadcast.ts"
import { sigmoid } from "../../tensor/elementwise.ts"
import { concatenate, reshape, size, take } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { Generation, ImageFormat } from "../GenerativeModel.ts"
import { windowMapParameters } from "../WindowInitialisation.ts"
import type { DrawSettings } from "./DrawSettings.ts"

/** Maps from `h_t^dec` to what is written: a patch and the five numbers of its window, or the whole image. */
export type DrawWriter<Leaf> =
  | { readonly patch: Linear<Leaf>; readonly window: Linear<Leaf> }
  | { readonly picture: Linear<Leaf> }

/** Parameters of DRAW's decoder. */
export type DrawDecoder<Leaf> = {
  /** `c_0`, `[1, channels, B, A]`: learned. */
  readonly initialCanvas: Leaf
  /** `h_0^dec`, learned. */
  readonly initial: LstmState<Leaf>
  /** `RNN^dec`, from `z_t` to `units`. */
  readonly rnn: LstmCell<Leaf>
  readonly writer: DrawWriter<Leaf>
}

export const drawDecoderParameters = (
  { attention, writeFilters, units, latentSize, windowScale }: DrawSettings,
  { channels, height, width }: ImageFormat
): DrawDecoder<ParameterSpec> => ({
  initialCanvas: {
    shape: [1, channels, height, width],
    // A decoder that knows nothing yet draws each pixel as often as the data does.
    initialiser: { kind: "marginals", of: "mean", as: "logit" }
  },
  initial: initialLstmState(units),
  rnn: lstmCellParameters(latentSize, units),
  writer: attention
    ? {
        patch: linearParameters(units, channels * writeFilters ** 2),
        window: windowMapParameters(units, windowScale)
      }
    : { picture: linearParameters(units, channels * height * width) }
})

/** `h_t^dec = RNN^dec(h_{t-1}^dec, z_t)` (eq. 7), `z_t` `[batch, latentSize]`. */
export const decoderStep = (
  { rnn }: DrawDecoder<Tensor>,
  { hidden, memory }: LstmState<Tensor>,
  latents: Tensor
): LstmState<Tensor> => {
  const joined = concatenate([latents, broadcast(hidden, [size(latents, 0), size(hidden, 1)])], 1)
  return lstmStep(linear(rnn, joined), memory)
}

/** What a step adds to the canvas, and the window that it is written through where there is one. */
export interface Written {
  /** `[batch, channels, B, A]`. */
  readonly added: Tensor
  /** `[batch, 5]` (`windowTable`). */
  readonly window?: Tensor
}

/** How many filters there are per axis, for images of which size. */
export type DrawFrame = { readonly settings: DrawSettings; readonly format: ImageFormat }

/** `write(h_t^dec)`, of `h_t^dec` `[batch, units]`: through a window (eq. 28 and 29), or an affine map (eq. 18). */
export const written = (writer: DrawWriter<Tensor>, { settings, format }: DrawFrame, hidden: Tensor): Written => {
  const { channels, height, width } = format
  const { writeFilters: filters } = settings
  const batch = size(hidden, 0)
  if ("picture" in writer) return { added: reshape(linear(writer.picture, hidden), [batch, channels, height, width]) }
  const window = windowFrom(linear(writer.window, hidden), { height, width, filters })
  const patch = reshape(linear(writer.patch, hidden), [batch, channels, filters, filters])
  return { added: write(patch, window, { height, width }), window: windowTable(window) }
}

/**
 * The decoder alone, which draws images from the prior (eq. 13-15), step by step:
 *
 *     z_t ~ N(0, 1)    h_t^dec = RNN^dec(h_{t-1}^dec, z_t)    c_t = c_{t-1} + write(h_t^dec)    image = sigmoid(c_T)
 *
 * `latents` is `[T, batch, latentSize]`. The images are the probabilities of the pixels. Only of a decoder with attention is there
 * a trajectory, for without it there is no window.
 */
export const drawFromLatents = (decoder: DrawDecoder<Tensor>, frame: DrawFrame, latents: Tensor): Generation => {
  const canvases = [decoder.initialCanvas]
  const windows: Array<Tensor> = []
  let state: LstmState<Tensor> = decoder.initial
  let canvas = decoder.initialCanvas
  for (let t = 0; t < size(latents, 0); t++) {
    state = decoderStep(decoder, state, take(latents, 0, t))
    const { added, window } = written(decoder.writer, frame, state.hidden)
    canvas = add(canvas, added)
    canvases.push(canvas)
    if (window !== undefined) windows.push(window)
  }
  const images = sigmoid(canvas)
  return windows.length === 0 ? { images } : { images, trajectory: { canvases: canvases.map(sigmoid), windows } }
}

/** How many numbers an image has. */
export const pixelsOf = ({ channels, height, width }: ImageFormat): number => sizeOf([channels, height, width])
