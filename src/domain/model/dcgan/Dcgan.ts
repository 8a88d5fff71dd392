import { leakyRelu } from "../../nn/activation.ts"
import {
  type BatchNorm,
  batchNormEval,
  batchNormParameters,
  batchNormTrain,
  type NextBatchStatistics
} from "../../nn/batchNorm.ts"
import {
  type Convolution,
  convolution,
  convolutionParameters,
  halvedSizes,
  kernelParameters,
  stride2SamePadding,
  transposedConvolution,
  transposedConvolutionParameters
} from "../../nn/convolution.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import type { Initialiser, ParameterSpec } from "../../nn/parameter.ts"
import { add, multiply, subtract } from "../../tensor/arithmetic.ts"
import { conv2d, convTranspose2d } from "../../tensor/convolution.ts"
import { relu, tanh } from "../../tensor/elementwise.ts"
import { matmul } from "../../tensor/matmul.ts"
import { reshape, size } from "../../tensor/movement.ts"
import type { NamedExpressions } from "../../tensor/Program.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import { uniformNoise } from "../../tensor/source.ts"
import type { RowsAndColumns, Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import type { AdversarialModel } from "../TrainableModel.ts"
import type { DcganSettings } from "./DcganSettings.ts"

/** A convolution without a bias, which the batch normalisation behind it has already. */
type NormalisedConvolution<Leaf> = { readonly kernel: Leaf; readonly normalisation: BatchNorm<Leaf> }

/** Layers by name, `layer1` first. */
type Layers<Leaf> = { readonly [layer: string]: NormalisedConvolution<Leaf> }

/** Parameters of the generator. */
export type DcganGenerator<Leaf> = {
  /** "Project and reshape": `weight` is `[latentSize, channels rows columns]`. */
  readonly project: { readonly weight: Leaf; readonly normalisation: BatchNorm<Leaf> }
  /** Transposed convolutions to twice the rows and columns, and the last of them, to the image. */
  readonly enlarge: Layers<Leaf>
  readonly picture: Convolution<Leaf>
}

/** Parameters of the discriminator. */
export type DcganDiscriminator<Leaf> = {
  /** The first convolution to half the rows and columns, and the others. */
  readonly picture: Convolution<Leaf>
  readonly reduce: Layers<Leaf>
  readonly output: Linear<Leaf>
}

/** The GAN of convolutions of A. Radford et al. 2015 (Unsupervised representation learning with deep convolutional ...). */
export type Dcgan = AdversarialModel<DcganGenerator<ParameterSpec>, DcganDiscriminator<ParameterSpec>>

/**
 * The DCGAN of A. Radford, L. Metz and S. Chintala 2015 (Unsupervised representation learning with deep convolutional
 * generative adversarial networks), of L layers, as many as the settings name channels for:
 *
 *     g_1 = relu(N(W z))        g_{l+1} = relu(N(k_l^T g_l))           G(z) = (1 + tanh(k_L^T g_L + b)) / 2
 *     d_1 = lrelu(k_1 * (2 x - 1) + b)    d_{l+1} = lrelu(N(k_{l+1} * d_l))    D(x) = sigmoid(W d_L + b)
 *
 * with z uniform on [-1, 1]; `k *` a convolution that halves rows and columns, rounding up, and `k^T` a transposed one from
 * these to those (`stride2SamePadding`): 28, 14, 7, 4; `N` batch normalisation, which G's output and D's input go without; `lrelu` the
 * leaky rectifier. Their images lie in [-1, 1]; here in [0, 1] at the border.
 */
export const dcgan = (settings: DcganSettings, format: ImageFormat): Dcgan => ({
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
    logits: (parameters, images, call) => discriminate(parameters, settings, images, call).logits,
    statistics: (parameters, images, call) => discriminate(parameters, settings, images, call).statistics
  }
})

const weightOf = ({ weightDeviation: standardDeviation }: DcganSettings): Initialiser => ({
  kind: "normal",
  standardDeviation
})

/** Each number of maps and the next one: `[[64, 32], [32, 16]]` of `[64, 32, 16]`. */
const stepsOf = (channels: DcganSettings["generatorChannels"]): ReadonlyArray<readonly [number, number]> =>
  channels.slice(1).map((after, index) => [channels[index] ?? after, after])

/** The last number of some channels. */
const lastOf = (channels: DcganSettings["generatorChannels"]): number => channels[channels.length - 1] ?? channels[0]

/** An image's rows and columns after this many layers. */
const smallestOf = ({ height, width }: ImageFormat, layers: number): RowsAndColumns =>
  halvedSizes([height, width], layers)[layers] ?? [1, 1]

const layersOf = <Leaf>(layers: ReadonlyArray<NormalisedConvolution<Leaf>>): Layers<Leaf> =>
  Object.fromEntries(layers.map((layer, index) => [`layer${index + 1}`, layer]))

const generatorParameters = (settings: DcganSettings, format: ImageFormat): DcganGenerator<ParameterSpec> => {
  const { latentSize, generatorChannels: maps, kernelSize } = settings
  const weight = weightOf(settings)
  const projected = sizeOf([maps[0], ...smallestOf(format, maps.length)])
  return {
    project: {
      weight: { shape: [latentSize, projected], initialiser: weight },
      normalisation: batchNormParameters(maps[0])
    },
    enlarge: layersOf(
      stepsOf(maps).map(([before, after]) => ({
        kernel: kernelParameters(after, before, kernelSize, weight),
        normalisation: batchNormParameters(after)
      }))
    ),
    picture: transposedConvolutionParameters(lastOf(maps), format.channels, kernelSize, weight)
  }
}

const discriminatorParameters = (settings: DcganSettings, format: ImageFormat): DcganDiscriminator<ParameterSpec> => {
  const { discriminatorChannels: maps, kernelSize } = settings
  const weight = weightOf(settings)
  return {
    picture: convolutionParameters(format.channels, maps[0], kernelSize, weight),
    reduce: layersOf(
      stepsOf(maps).map(([before, after]) => ({
        kernel: kernelParameters(before, after, kernelSize, weight),
        normalisation: batchNormParameters(after)
      }))
    ),
    output: linearParameters(sizeOf([lastOf(maps), ...smallestOf(format, maps.length)]), 1, weight)
  }
}

/** Batch normalisation by the call's batches, or by the running statistics if it is of none, and the next ones. */
const normaliserOf =
  (batches: number | undefined) =>
  (parameters: BatchNorm<Tensor>, x: Tensor): { readonly normalised: Tensor; readonly next: NextBatchStatistics } =>
    batches === undefined
      ? { normalised: batchNormEval(parameters, x), next: parameters }
      : batchNormTrain(parameters, x, batches)

/** `G(z)`: `[batch, channels, B, A]`, and the next running statistics. */
const draw = (
  { project, enlarge, picture }: DcganGenerator<Tensor>,
  { latentSize, generatorChannels, kernelSize }: DcganSettings,
  { height, width }: ImageFormat,
  { batch, noise, batches }: { readonly batch: number; readonly noise: string; readonly batches?: number }
): { readonly images: Tensor; readonly statistics: NamedExpressions } => {
  const normalised = normaliserOf(batches)
  // From the smallest maps to the image.
  const [smallest = [1, 1], ...sizes] = halvedSizes([height, width], generatorChannels.length).toReversed()
  const latents = subtract(multiply(uniformNoise(`${noise}/z`, [batch, latentSize]), 2), 1)
  const projected = reshape(matmul(latents, project.weight), [batch, generatorChannels[0], ...smallest])
  const first = normalised(project.normalisation, projected)
  const statistics: Array<readonly [path: string, NextBatchStatistics]> = [["project", first.next]]
  let maps = relu(first.normalised)
  for (const [index, [name, { kernel, normalisation }]] of Object.entries(enlarge).entries()) {
    const size = sizes[index] ?? [height, width]
    const layer = normalised(
      normalisation,
      convTranspose2d(maps, kernel, { ...stride2SamePadding(kernelSize, size), size })
    )
    statistics.push([`enlarge.${name}`, layer.next])
    maps = relu(layer.normalised)
  }
  const size: RowsAndColumns = [height, width]
  const drawn = transposedConvolution(picture, maps, { ...stride2SamePadding(kernelSize, size), size })
  return { images: multiply(add(tanh(drawn), 1), 0.5), statistics: statisticsOf(statistics) }
}

/** `D(x)` as its logit: `[n, channels, B, A]` to `[n]`, and the next running statistics. */
const discriminate = (
  { picture, reduce, output }: DcganDiscriminator<Tensor>,
  { kernelSize, leak }: DcganSettings,
  images: Tensor,
  { batches }: { readonly batches?: number }
): { readonly logits: Tensor; readonly statistics: NamedExpressions } => {
  const normalised = normaliserOf(batches)
  const halved = (x: Tensor) => stride2SamePadding(kernelSize, [size(x, 2), size(x, 3)])
  const statistics: Array<readonly [path: string, NextBatchStatistics]> = []
  let maps = leakyRelu(convolution(picture, subtract(multiply(images, 2), 1), halved(images)), leak)
  for (const [name, { kernel, normalisation }] of Object.entries(reduce)) {
    const layer = normalised(normalisation, conv2d(maps, kernel, halved(maps)))
    statistics.push([`reduce.${name}`, layer.next])
    maps = leakyRelu(layer.normalised, leak)
  }
  const [count = 1, ...sizes] = maps.shape
  return {
    logits: reshape(linear(output, reshape(maps, [count, sizeOf(sizes)])), [count]),
    statistics: statisticsOf(statistics)
  }
}

/** By the paths of the parameters that they are the next values of. */
const statisticsOf = (layers: ReadonlyArray<readonly [path: string, NextBatchStatistics]>): NamedExpressions =>
  Object.fromEntries(
    layers.flatMap(([path, { runningMean, runningVariance }]) => [
      [`${path}.normalisation.runningMean`, runningMean],
      [`${path}.normalisation.runningVariance`, runningVariance]
    ])
  )
