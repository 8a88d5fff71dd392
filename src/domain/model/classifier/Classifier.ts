import { type Convolution, convolution, convolutionParameters, forRectifiers } from "../../nn/convolution.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { relu } from "../../tensor/elementwise.ts"
import { reshape, size } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import type { ClassifierSettings } from "./ClassifierSettings.ts"

/** Parameters of the classifier. */
export type ClassifierParameters<Leaf> = {
  readonly convolution1: Convolution<Leaf>
  readonly convolution2: Convolution<Leaf>
  readonly hidden: Linear<Leaf>
  readonly output: Linear<Leaf>
}

/** A classifier of images: a parameter tree and functions over it. */
export interface ClassifierModel {
  /** As it is in checkpoints. */
  readonly name: string
  readonly format: ImageFormat
  /** How many classes it tells apart. */
  readonly classes: number
  readonly parameters: ClassifierParameters<ParameterSpec>
  /** `[n, channels, B, A]` in [0, 1] to the activations of the last hidden layer `[n, features]`, none below 0. */
  features(parameters: ClassifierParameters<Tensor>, images: Tensor): Tensor
  /** Of `features` `[n, features]`, the classes' logits `[n, classes]`; their softmax is the classes' probabilities. */
  logits(parameters: ClassifierParameters<Tensor>, features: Tensor): Tensor
}

/**
 * A small convolutional network, after Y. LeCun et al. 1998 (Gradient-based learning applied to document recognition)
 * with rectifiers:
 *
 *     features = relu(W3 relu(k2 * relu(k1 * x)))     logits = W4 features
 *
 * each map with its bias. Each convolution moves its kernel by two pixels and so halves rows and columns (rounding up), which
 * stands in for pooling. Weights before rectifiers begin with mean 0 and variance `2 / inputs` (K. He et al. 2015, Delving
 * deep into rectifiers).
 */
export const classifierModel = (
  settings: ClassifierSettings,
  format: ImageFormat,
  classes: number
): ClassifierModel => {
  const { kernels, kernelSize, features } = settings
  const [first, second] = kernels
  const { channels, height, width } = format
  const seen = second * halfOf(halfOf(height)) * halfOf(halfOf(width))
  return {
    name: "classifier",
    format,
    classes,
    parameters: {
      convolution1: convolutionParameters(channels, first, kernelSize),
      convolution2: convolutionParameters(first, second, kernelSize),
      hidden: linearParameters(seen, features, forRectifiers(seen)),
      output: linearParameters(features, classes)
    },
    features: ({ convolution1, convolution2, hidden }, images) => {
      const maps = halvingConvolution(convolution2, halvingConvolution(convolution1, images))
      const [count = 1, ...sizes] = maps.shape
      return relu(linear(hidden, reshape(maps, [count, sizeOf(sizes)])))
    },
    logits: ({ output }, features) => linear(output, features)
  }
}

const halfOf = (size: number): number => Math.ceil(size / 2)

/** `relu(k * x + b)`: `[n, channels, rows, columns]` to `[n, outputs, rows / 2, columns / 2]`, rounded up. */
const halvingConvolution = (parameters: Convolution<Tensor>, images: Tensor): Tensor => {
  return relu(convolution(parameters, images, { strides: 2, padding: (size(parameters.kernel, 2) - 1) / 2 }))
}
