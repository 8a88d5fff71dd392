import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import { type Mlp, mlp, mlpParameters } from "../../nn/mlp.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { bernoulliLogLikelihood, gaussianKl, reparameterize } from "../../objective/variational.ts"
import { sigmoid } from "../../tensor/elementwise.ts"
import { reshape, size } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import { normalNoise } from "../../tensor/source.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import type { VariationalModel } from "../VariationalModel.ts"
import type { VaeSettings } from "./VaeSettings.ts"

/** Parameters of the encoder: hidden layers, and mean and logarithm of the variance of the latent's posterior. */
export type VaeEncoder<Leaf> = {
  readonly hidden: Mlp<Leaf>
  readonly mean: Linear<Leaf>
  readonly logVariance: Linear<Leaf>
}

/** Parameters of the decoder: hidden layers, and the pixels' logits. */
export type VaeDecoder<Leaf> = {
  readonly hidden: Mlp<Leaf>
  readonly output: Linear<Leaf>
}

/** A variational autoencoder on images of one format: what `vae` makes. */
export type Vae = VariationalModel<VaeDecoder<ParameterSpec>, VaeEncoder<ParameterSpec>>

/**
 * The variational autoencoder of D. Kingma and M. Welling 2014 (Auto-encoding variational Bayes, section 3 and appendix C)
 * with dense layers, for black and white images x of a format:
 *
 *     p(z) = N(0, 1)    p(x | z) = Bernoulli(sigmoid(decoder(z)))    q(z | x) = N(mu(x), sigma^2(x))
 *
 * mu and log sigma^2 being affine maps of the encoder's last hidden layer. Its images are the pixels' probabilities.
 */
export const vae = (settings: VaeSettings, format: ImageFormat): Vae => {
  const { latentSize, units, activation } = settings
  const { channels, height, width } = format
  const pixels = sizeOf([channels, height, width])
  const [top = pixels, bottom = pixels] = [units.at(-1), units[0]]
  const decoded = (decoder: VaeDecoder<Tensor>, latents: Tensor): Tensor => {
    const logits = linear(decoder.output, mlp(decoder.hidden, activation, latents))
    return reshape(logits, [size(latents, 0), channels, height, width])
  }
  return {
    name: "vae",
    objective: "variational",
    format,
    generator: {
      parameters: {
        hidden: mlpParameters(latentSize, units.toReversed()),
        output: {
          ...linearParameters(bottom, pixels),
          // A decoder that knows nothing yet draws each pixel as often as the data does.
          bias: { shape: [pixels], initialiser: { kind: "marginals", of: "mean", as: "logit" } }
        }
      },
      generate: (decoder, { batch, noise }) => ({
        images: sigmoid(decoded(decoder, normalNoise(`${noise}/z`, [batch, latentSize])))
      })
    },
    encoder: {
      parameters: {
        hidden: mlpParameters(pixels, units),
        mean: linearParameters(top, latentSize),
        logVariance: linearParameters(top, latentSize)
      }
    },
    infer: ({ generator, encoder }, images, { noise }) => {
      const hidden = mlp(encoder.hidden, activation, reshape(images, [size(images, 0), pixels]))
      const [mean, logVariance] = [linear(encoder.mean, hidden), linear(encoder.logVariance, hidden)]
      const logits = decoded(generator, reparameterize(mean, logVariance, `${noise}/z`))
      return {
        logLikelihood: bernoulliLogLikelihood(logits, images),
        divergence: gaussianKl(mean, logVariance),
        reconstruction: sigmoid(logits)
      }
    }
  }
}
