import {
  bernoulliLogLikelihood,
  gaussianKl,
  type ImageFormat,
  type Linear,
  linear,
  linearParameters,
  type ParameterSpec,
  reparameterize,
  type VariationalModel
} from "fovea"
import { broadcast, normalNoise, reshape, sigmoid, type Tensor } from "fovea/tensor"

/** All that draws an image. Trees of parameters are `type`s, so that they are records. */
type FactorGenerator<Leaf> = { readonly output: Linear<Leaf> }

/** The posterior: its mean is an affine map of the image, its variances are the same for every image. */
type FactorEncoder<Leaf> = { readonly mean: Linear<Leaf>; readonly logVariance: Leaf }

/**
 * A factor model of black and white images: a few factors, and each pixel's logit an affine function of them.
 *
 *     z ~ N(0, 1)    p(x | z) = Bernoulli(sigmoid(W z + b))    q(z | x) = N(V x + c, s^2)
 */
export const factorModel = (
  factors: number,
  format: ImageFormat
): VariationalModel<FactorGenerator<ParameterSpec>, FactorEncoder<ParameterSpec>> => {
  const { channels, height, width } = format
  const pixels = channels * height * width
  const logitsOf = ({ output }: FactorGenerator<Tensor>, z: Tensor): Tensor =>
    reshape(linear(output, z), [z.shape[0] ?? 1, channels, height, width])
  return {
    name: "factor-model",
    objective: "variational",
    format,
    generator: {
      parameters: { output: linearParameters(factors, pixels) },
      generate: (generator, { batch, noise }) => ({
        images: sigmoid(logitsOf(generator, normalNoise(`${noise}/z`, [batch, factors])))
      })
    },
    encoder: {
      parameters: {
        mean: linearParameters(pixels, factors),
        logVariance: { shape: [1, factors], initialiser: { kind: "constant", value: 0 } }
      }
    },
    infer: ({ generator, encoder }, images, { noise }) => {
      const [count = 1] = images.shape
      const mean = linear(encoder.mean, reshape(images, [count, pixels]))
      const logVariance = broadcast(encoder.logVariance, mean.shape)
      const logits = logitsOf(generator, reparameterize(mean, logVariance, `${noise}/z`))
      return {
        logLikelihood: bernoulliLogLikelihood(logits, images),
        divergence: gaussianKl(mean, logVariance),
        reconstruction: sigmoid(logits)
      }
    }
  }
}
