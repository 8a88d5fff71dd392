import { linear } from "../../nn/linear.ts"
import type { LstmState } from "../../nn/lstmCell.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { bernoulliLogLikelihood, gaussianKl, reparameterize } from "../../objective/variational.ts"
import { add, subtract } from "../../tensor/arithmetic.ts"
import { sigmoid } from "../../tensor/elementwise.ts"
import { concatenate } from "../../tensor/movement.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import { drawLatents, standardLatents } from "../latentPlan.ts"
import type { Posterior, VariationalModel } from "../VariationalModel.ts"
import type { DrawSettings } from "./DrawSettings.ts"
import {
  type DrawDecoder,
  type DrawFrame,
  decoderStep,
  drawDecoderParameters,
  drawFromLatents,
  written
} from "./drawDecoder.ts"
import { type DrawEncoder, drawEncoderParameters, encoderStep } from "./drawEncoder.ts"

/** DRAW (Gregor 2015) on images of one format: what `draw` makes. */
export type Draw = VariationalModel<DrawDecoder<ParameterSpec>, DrawEncoder<ParameterSpec>>

/**
 * The deep recurrent attentive writer of K. Gregor, I. Danihelka, A. Graves, D. Rezende and D. Wierstra 2015 (DRAW: a recurrent
 * neural network for image generation), for black and white images of a format: a variational autoencoder that draws in T steps,
 * each of which sees what is still wrong.
 */
export const draw = (settings: DrawSettings, format: ImageFormat): Draw => ({
  name: "draw",
  objective: "variational",
  format,
  generator: {
    parameters: drawDecoderParameters(settings, format),
    generate: (decoder, { batch, noise }) => {
      const latents = drawLatents(`${noise}/z`, standardLatents(settings.glimpses), batch, settings.latentSize)
      return drawFromLatents(decoder, { settings, format }, latents)
    }
  },
  encoder: { parameters: drawEncoderParameters(settings, format) },
  infer: ({ generator, encoder }, images, { noise }) =>
    inferSteps(generator, encoder, { settings, format }, images, noise)
})

/**
 * What encoder and decoder make of images together, over steps t = 1..T (eq. 3-8):
 *
 *     x_hat_t = x - sigmoid(c_{t-1})
 *     r_t = read(x, x_hat_t, h_{t-1}^dec)
 *     h_t^enc = RNN^enc(h_{t-1}^enc, [r_t, h_{t-1}^dec])
 *     z_t ~ Q(z_t | h_t^enc) = N(mu(h_t^enc), sigma^2(h_t^enc))       (eq. 1 and 2)
 *     h_t^dec = RNN^dec(h_{t-1}^dec, z_t)
 *     c_t = c_{t-1} + write(h_t^dec)
 *
 * Log-likelihood of x under Bernoulli(sigmoid(c_T)) (eq. 9), and the latent loss, summed over the steps (eq. 10 and 11).
 */
const inferSteps = (
  decoder: DrawDecoder<Tensor>,
  encoder: DrawEncoder<Tensor>,
  frame: DrawFrame,
  images: Tensor,
  noise: string
): Posterior => {
  const canvases = [decoder.initialCanvas]
  const means: Array<Tensor> = []
  const logVariances: Array<Tensor> = []
  const readings: Array<Tensor> = []
  const windows: Array<Tensor> = []
  let canvas = decoder.initialCanvas
  let seeing: LstmState<Tensor> = encoder.initial
  let drawn: LstmState<Tensor> = decoder.initial
  for (let t = 0; t < frame.settings.glimpses; t++) {
    const error = subtract(images, sigmoid(canvas))
    const seen = encoderStep(encoder, frame.settings, images, error, seeing, drawn.hidden)
    seeing = seen.state
    const [mean, logVariance] = [linear(encoder.mean, seeing.hidden), linear(encoder.logVariance, seeing.hidden)]
    drawn = decoderStep(decoder, drawn, reparameterize(mean, logVariance, `${noise}/z${t + 1}`))
    const { added, window } = written(decoder.writer, frame, drawn.hidden)
    canvas = add(canvas, added)
    canvases.push(canvas)
    means.push(mean)
    logVariances.push(logVariance)
    if (seen.reading !== undefined) readings.push(seen.reading)
    if (window !== undefined) windows.push(window)
  }
  const logits = canvas
  return {
    logLikelihood: bernoulliLogLikelihood(logits, images),
    divergence: gaussianKl(concatenate(means, 1), concatenate(logVariances, 1)),
    reconstruction: sigmoid(logits),
    ...(readings.length === 0 ? {} : { readings }),
    ...(windows.length === 0 ? {} : { trajectory: { canvases: canvases.map(sigmoid), windows } })
  }
}
