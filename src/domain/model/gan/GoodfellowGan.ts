import { dropout } from "../../nn/dropout.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import { maxout, maxoutParameters } from "../../nn/maxout.ts"
import type { Initialiser, ParameterSpec } from "../../nn/parameter.ts"
import { multiply, subtract } from "../../tensor/arithmetic.ts"
import { relu, sigmoid } from "../../tensor/elementwise.ts"
import { reshape, size } from "../../tensor/movement.ts"
import { sizeOf } from "../../tensor/Shape.ts"
import { uniformNoise } from "../../tensor/source.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import type { AdversarialModel } from "../TrainableModel.ts"
import type { GoodfellowGanSettings } from "./GoodfellowGanSettings.ts"

/** Parameters of the generator: two hidden layers of rectifiers, and the pixels' logits. */
export type GoodfellowGenerator<Leaf> = {
  readonly hidden1: Linear<Leaf>
  readonly hidden2: Linear<Leaf>
  readonly output: Linear<Leaf>
}

/** Parameters of the discriminator: two hidden layers of maxout units, and the logit. */
export type GoodfellowDiscriminator<Leaf> = GoodfellowGenerator<Leaf>

/** The GAN of Goodfellow 2014 with the network of its authors' MNIST experiment: the paper's baseline (section 3). */
export type GoodfellowGan = AdversarialModel<GoodfellowGenerator<ParameterSpec>, GoodfellowDiscriminator<ParameterSpec>>

/** The baseline GAN for images of a format. */
export const goodfellowGan = (settings: GoodfellowGanSettings, format: ImageFormat): GoodfellowGan => ({
  name: "goodfellow-gan",
  objective: "adversarial",
  format,
  generator: {
    parameters: generatorParameters(settings, format),
    generate: (parameters, { batch, noise }) => ({
      images: generate(parameters, format, uniformLatents(`${noise}/z`, batch, settings.latentSize))
    })
  },
  discriminator: {
    parameters: discriminatorParameters(settings, format),
    logits: (parameters, images, { noise }) => judgeWhole(parameters, settings, images, `${noise}/dropout`)
  }
})

const generatorParameters = (
  { latentSize, generatorUnits, generatorBound }: GoodfellowGanSettings,
  { channels, height, width }: ImageFormat
): GoodfellowGenerator<ParameterSpec> => {
  const weight: Initialiser = { kind: "uniform", bound: generatorBound }
  const pixels = sizeOf([channels, height, width])
  return {
    hidden1: linearParameters(latentSize, generatorUnits, weight),
    hidden2: linearParameters(generatorUnits, generatorUnits, weight),
    output: {
      ...linearParameters(generatorUnits, pixels, weight),
      // The published configuration starts the output's bias at the logits of the pixels' means.
      bias: { shape: [pixels], initialiser: { kind: "marginals", of: "mean", as: "logit" } }
    }
  }
}

const discriminatorParameters = (
  { discriminatorUnits: units, pieces, discriminatorBound }: GoodfellowGanSettings,
  { channels, height, width }: ImageFormat
): GoodfellowDiscriminator<ParameterSpec> => {
  const weight: Initialiser = { kind: "uniform", bound: discriminatorBound }
  return {
    hidden1: maxoutParameters(sizeOf([channels, height, width]), { units, pieces }, weight),
    hidden2: maxoutParameters(units, { units, pieces }, weight),
    output: linearParameters(units, 1, weight)
  }
}

/** `[batch, size]`, uniform on [-sqrt 3, sqrt 3). */
const uniformLatents = (stream: string, batch: number, size: number): Tensor =>
  multiply(subtract(uniformNoise(stream, [batch, size]), 0.5), 2 * Math.sqrt(3))

/** `x = sigmoid(W3 relu(W2 relu(W1 z)))`: `[batch, latentSize]` to `[batch, channels, B, A]`. */
const generate = (
  parameters: GoodfellowGenerator<Tensor>,
  { channels, height, width }: ImageFormat,
  latents: Tensor
): Tensor => {
  const hidden1 = relu(linear(parameters.hidden1, latents))
  const hidden2 = relu(linear(parameters.hidden2, hidden1))
  return reshape(sigmoid(linear(parameters.output, hidden2)), [size(latents, 0), channels, height, width])
}

/** `W3 maxout(maxout(x))` with dropout before each layer: `[n, channels, B, A]` to the logits `[n]`. */
const judgeWhole = (
  parameters: GoodfellowDiscriminator<Tensor>,
  { pieces, keepInputs, keepHidden }: GoodfellowGanSettings,
  images: Tensor,
  stream: string
): Tensor => {
  const [count = 1, ...pixels] = images.shape
  const inputs = dropout(reshape(images, [count, sizeOf(pixels)]), keepInputs, `${stream}/inputs`)
  const hidden1 = dropout(maxout(parameters.hidden1, inputs, pieces), keepHidden, `${stream}/hidden1`)
  const hidden2 = dropout(maxout(parameters.hidden2, hidden1, pieces), keepHidden, `${stream}/hidden2`)
  return reshape(linear(parameters.output, hidden2), [count])
}
