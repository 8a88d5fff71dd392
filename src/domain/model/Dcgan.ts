import { type Affine, affine, affineParameters } from "../network/affine.ts"
import {
  type BatchNormalisation,
  batchNormalisationParameters,
  type NextStatistics,
  normalise,
  normaliseByBatch
} from "../network/batchNormalisation.ts"
import {
  type Convolution,
  convolution,
  convolutionParameters,
  halving,
  kernelParameters,
  transposedConvolution,
  transposedConvolutionParameters
} from "../network/convolution.ts"
import { leakyRelu } from "../network/leakyRelu.ts"
import type { Initialiser, ParameterSpec } from "../network/parameter.ts"
import { add, multiply, subtract } from "../tensor/arithmetic.ts"
import { convolve, convolveTransposed } from "../tensor/convolution.ts"
import { relu, tanh } from "../tensor/elementwise.ts"
import { matmul } from "../tensor/matmul.ts"
import { reshape } from "../tensor/movement.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import { sizeOf } from "../tensor/Shape.ts"
import { uniformNoise } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree } from "../tensor/Tree.ts"
import type { AdversarialModel } from "./AdversarialModel.ts"
import { type DcganSettings, dcganMisfit } from "./DcganSettings.ts"
import type { ImageFormat } from "./GenerativeModel.ts"

/** A convolution without a bias, which the batch normalisation behind it has already. */
type NormalisedConvolution<Leaf> = { readonly kernel: Leaf; readonly normalisation: BatchNormalisation<Leaf> }

/** Parameters of the generator. */
export type DcganGenerator<Leaf> = {
  /** "Project and reshape": `weight` is `[latentSize, channels rows columns]`. */
  readonly project: { readonly weight: Leaf; readonly normalisation: BatchNormalisation<Leaf> }
  /** Transposed convolutions to twice the rows and columns. */
  readonly enlarge1: NormalisedConvolution<Leaf>
  readonly enlarge2: Convolution<Leaf>
}

/** Parameters of the discriminator. */
export type DcganDiscriminator<Leaf> = {
  /** Convolutions to half the rows and columns. */
  readonly reduce1: Convolution<Leaf>
  readonly reduce2: NormalisedConvolution<Leaf>
  readonly output: Affine<Leaf>
}

/** The GAN of convolutions of A. Radford et al. 2015 (Unsupervised representation learning with deep convolutional ...). */
export type Dcgan = AdversarialModel<DcganGenerator<ParameterSpec>, DcganDiscriminator<ParameterSpec>>

/**
 * The DCGAN of A. Radford, L. Metz and S. Chintala 2015 (Unsupervised representation learning with deep convolutional
 * generative adversarial networks), with the two layers that pictures of MNIST's size have room for instead of four:
 *
 *     G(z) = (1 + tanh(k3^T relu(N2(k2^T relu(N1(W1 z)))) + b)) / 2              z uniform on [-1, 1]
 *     D(x) = sigmoid(W3 lrelu(N(k2 * lrelu(k1 * (2 x - 1) + b))) + b)
 *
 * `k *` a convolution that halves rows and columns and `k^T` a transposed one that doubles them (`halving`), `N` batch
 * normalisation, which G's output and D's input go without, `lrelu` the leaky rectifier. Their pictures lie in [-1, 1]; here
 * in [0, 1] at the border. Throws a `RangeError` unless 4 divides the format's rows and columns.
 */
export const dcgan = (settings: DcganSettings, format: ImageFormat): Dcgan => {
  const misfit = dcganMisfit(format)
  if (misfit !== undefined) throw new RangeError(misfit)
  return {
    name: "dcgan",
    objective: "adversarial",
    format,
    generator: {
      parameters: generatorParameters(settings, format),
      generate: (parameters, call) => ({ images: draw(parameters, settings, format, call).images }),
      statistics: (parameters, call) => draw(parameters, settings, format, call).statistics
    },
    discriminator: {
      parameters: discriminatorParameters(settings, format),
      logits: (parameters, images, call) => judge(parameters, settings, images, call).logits,
      statistics: (parameters, images, call) => judge(parameters, settings, images, call).statistics
    }
  }
}

const weightOf = ({ weightDeviation: deviation }: DcganSettings): Initialiser => ({ kind: "normal", deviation })

const generatorParameters = (
  settings: DcganSettings,
  { channels, height, width }: ImageFormat
): DcganGenerator<ParameterSpec> => {
  const { latentSize, generatorChannels, kernelSize } = settings
  const [first, second] = generatorChannels
  const weight = weightOf(settings)
  return {
    project: {
      weight: { shape: [latentSize, sizeOf([first, height / 4, width / 4])], initialiser: weight },
      normalisation: batchNormalisationParameters(first)
    },
    enlarge1: {
      kernel: kernelParameters(second, first, kernelSize, weight),
      normalisation: batchNormalisationParameters(second)
    },
    enlarge2: transposedConvolutionParameters(second, channels, kernelSize, weight)
  }
}

const discriminatorParameters = (
  settings: DcganSettings,
  { channels, height, width }: ImageFormat
): DcganDiscriminator<ParameterSpec> => {
  const { discriminatorChannels, kernelSize } = settings
  const [first, second] = discriminatorChannels
  const weight = weightOf(settings)
  return {
    reduce1: convolutionParameters(channels, first, kernelSize, weight),
    reduce2: {
      kernel: kernelParameters(first, second, kernelSize, weight),
      normalisation: batchNormalisationParameters(second)
    },
    output: affineParameters(sizeOf([second, height / 4, width / 4]), 1, weight)
  }
}

/** Batch normalisation by the call's batches, or by the running statistics if it is of none, and the next ones. */
const normaliserOf =
  (batches: number | undefined) =>
  (parameters: BatchNormalisation<Tensor>, x: Tensor): { readonly normalised: Tensor; readonly next: NextStatistics } =>
    batches === undefined
      ? { normalised: normalise(parameters, x), next: parameters }
      : normaliseByBatch(parameters, x, batches)

/** `G(z)`: `[batch, channels, B, A]`, and the next running statistics. */
const draw = (
  { project, enlarge1, enlarge2 }: DcganGenerator<Tensor>,
  { latentSize, generatorChannels, kernelSize }: DcganSettings,
  { height, width }: ImageFormat,
  { batch, noise, batches }: { readonly batch: number; readonly noise: string; readonly batches?: number }
): { readonly images: Tensor; readonly statistics: NamedExpressions } => {
  const normalised = normaliserOf(batches)
  const latents = subtract(multiply(uniformNoise(`${noise}/z`, [batch, latentSize]), 2), 1)
  const projected = reshape(matmul(latents, project.weight), [batch, generatorChannels[0], height / 4, width / 4])
  const first = normalised(project.normalisation, projected)
  const enlarged = convolveTransposed(relu(first.normalised), enlarge1.kernel, halving(kernelSize))
  const second = normalised(enlarge1.normalisation, enlarged)
  const drawn = transposedConvolution(enlarge2, relu(second.normalised), halving(kernelSize))
  return {
    images: multiply(add(tanh(drawn), 1), 0.5),
    statistics: statisticsOf({ project: first.next, enlarge1: second.next })
  }
}

/** `D(x)` as its logit: `[n, channels, B, A]` to `[n]`, and the next running statistics. */
const judge = (
  { reduce1, reduce2, output }: DcganDiscriminator<Tensor>,
  { kernelSize, leak }: DcganSettings,
  images: Tensor,
  { batches }: { readonly batches?: number }
): { readonly logits: Tensor; readonly statistics: NamedExpressions } => {
  const first = leakyRelu(convolution(reduce1, subtract(multiply(images, 2), 1), halving(kernelSize)), leak)
  const second = normaliserOf(batches)(reduce2.normalisation, convolve(first, reduce2.kernel, halving(kernelSize)))
  const maps = leakyRelu(second.normalised, leak)
  const [count = 1, ...sizes] = maps.shape
  return {
    logits: reshape(affine(output, reshape(maps, [count, sizeOf(sizes)])), [count]),
    statistics: statisticsOf({ reduce2: second.next })
  }
}

/** By the paths of the parameters that they are the next values of. */
const statisticsOf = (layers: Readonly<Record<string, NextStatistics>>): NamedExpressions =>
  flattenTree(
    Object.fromEntries(
      Object.entries(layers).map(([layer, { runningMean, runningVariance }]) => [
        layer,
        { normalisation: { runningMean, runningVariance } }
      ])
    ),
    isTensor
  )
