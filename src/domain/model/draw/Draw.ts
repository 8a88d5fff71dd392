import { type Linear, linearMaps } from "../../nn/linear.ts"
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
import { type DrawDecoder, decoderStep, drawDecoderParameters, drawFromLatents, writerOf } from "./drawDecoder.ts"
import { type DrawEncoder, drawEncoderParameters, encoderOf } from "./drawEncoder.ts"

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
  drawing: { readonly settings: DrawSettings; readonly format: ImageFormat },
  images: Tensor,
  noise: string
): Posterior => {
  const { glimpses } = drawing.settings
  const look = encoderOf(encoder, drawing.settings, images)
  // Both windows are mapped from h^dec: the writing one at its own step, the reading one at the next.
  const readerMaps: ReadonlyArray<Linear<Tensor>> = Object.values(encoder.reader)
  const written = writerOf(decoder.writer, drawing, readerMaps)
  const posterior = linearMaps([encoder.mean, encoder.logVariance])
  const canvases = [decoder.initialCanvas]
  const means: Array<Tensor> = []
  const logVariances: Array<Tensor> = []
  const readings: Array<Tensor> = []
  const windows: Array<Tensor> = []
  let seeing: LstmState<Tensor> = encoder.initial
  let drawn: LstmState<Tensor> = decoder.initial
  let [place] = written(decoder.initial.hidden).beside
  for (let t = 0; t < glimpses; t++) {
    const canvas = canvases[t] ?? decoder.initialCanvas
    const error = subtract(images, sigmoid(canvas))
    const looked = look(seeing, { error, decoderHidden: drawn.hidden, place })
    seeing = looked.state
    const [mean, logVariance] = posterior(seeing.hidden)
    drawn = decoderStep(decoder, drawn, reparameterize(mean, logVariance, `${noise}/z${t + 1}`))
    const step = written(drawn.hidden)
    place = step.beside[0]
    canvases.push(add(canvas, step.added))
    means.push(mean)
    logVariances.push(logVariance)
    if (looked.reading !== undefined) readings.push(looked.reading)
    if (step.window !== undefined) windows.push(step.window)
  }
  const logits = canvases[glimpses] ?? decoder.initialCanvas
  return {
    logLikelihood: bernoulliLogLikelihood(logits, images),
    divergence: gaussianKl(concatenate(means, 1), concatenate(logVariances, 1)),
    reconstruction: sigmoid(logits),
    ...(readings.length === 0 ? {} : { readings }),
    ...(windows.length === 0 ? {} : { trajectory: { canvases: canvases.map(sigmoid), windows } })
  }
}
