import type { Generation, GenerativeModel } from "../model/GenerativeModel.ts"
import type { AdversarialModel, TrainableModel } from "../model/TrainableModel.ts"
import type { VariationalModel } from "../model/VariationalModel.ts"
import { parameterPlaceholders } from "../nn/parameter.ts"
import { type PureProgram, pureProgram } from "../program/pureProgram.ts"
import { own } from "../record/own.ts"
import { broadcast } from "../tensor/broadcast.ts"
import { clamp } from "../tensor/comparison.ts"
import { stack } from "../tensor/movement.ts"
import { type Program, ProgramError } from "../tensor/Program.ts"
import { placeholder } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { Tree } from "../tensor/Tree.ts"

/** A network of a model, or a sampler, as other programs are to use it. */
export type ExportedNetwork = PureProgram

const prefix = "exchange"

/**
 * The generator: from its latents, batch first, to `images`, `[batch, channels, B, A]` in [0, 1], as `sampleImages`
 * draws them. With `trajectory` also `canvases`, `[batch, T + 1, channels, B, A]`, and `windows`, `[batch, T, 5]`, as in
 * `trajectoryProgram`; throws a `ProgramError` if the model does not draw step by step.
 */
export const exportedGenerator = (
  model: GenerativeModel,
  { trajectory }: { readonly trajectory: boolean }
): ExportedNetwork => {
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const sampled = (batch: number) => ({
    state: { generator },
    inputs: {},
    outputs: outputsOf(model.name, model.generator.generate(generator, { batch, noise: prefix }), trajectory)
  })
  return pureProgram<string, string>(`${model.name} generator`, sampled, { prefix, dropout: "inputs" })
}

/** Whether a model's generator tells how its images came about. */
export const drawsStepByStep = ({ generator }: GenerativeModel): boolean => {
  const parameters = parameterPlaceholders(generator.parameters, "generator")
  return generator.generate(parameters, { batch: 1, noise: prefix }).trajectory !== undefined
}

/**
 * The discriminator: from `images`, `[batch, channels, B, A]`, to `logits`, `[batch]`, of being real. Dropout is left out,
 * as one uses a network that is no longer trained; other noise, if a model draws any, is an input.
 */
export const exportedDiscriminator = (model: AdversarialModel): ExportedNetwork => {
  const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
  return ofImages(model, "discriminator", { discriminator }, (images) => ({
    logits: model.discriminator.logits(discriminator, images, { noise: prefix })
  }))
}

/**
 * What a variational model says of images: from `images`, `[batch, channels, B, A]` in [0, 1], and the normal numbers that
 * its latents are drawn by, to `reconstruction`, `[batch, channels, B, A]`, and `logLikelihood` and `divergence`, both
 * `[batch]` in nats, whose difference bounds the log-likelihood. It holds the parameters of the encoder and of the generator.
 */
export const exportedInference = (model: VariationalModel): ExportedNetwork => {
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const encoder = parameterPlaceholders(model.encoder.parameters, "encoder")
  return ofImages(model, "inference", { generator, encoder }, (images) => {
    const { reconstruction, logLikelihood, divergence } = model.infer({ generator, encoder }, images, { noise: prefix })
    return { reconstruction, logLikelihood, divergence }
  })
}

/**
 * A sampler of one's own, given as a program for each batch size: its outputs as functions of its inputs and of its random
 * numbers, which become inputs under the names of their keys. Throws a `ProgramError` if a step changes its state.
 */
export const exchangedSampler = (of: (batch: number) => Program): ExportedNetwork => {
  const { name, state, next } = of(1)
  const moved = Object.keys(state).find((path) => own(state, path) !== own(next, path))
  if (moved !== undefined) {
    throw new ProgramError(`${name} cannot be exported: a step changes its state "${moved}", and a file has no state`)
  }
  return pureProgram(name, of, { prefix: "", dropout: "inputs", isSimple: true })
}

/** A player that is given images; dropout is left out, and other noise is an input. */
const ofImages = (
  { name: model, format: { channels, height, width } }: TrainableModel,
  player: string,
  state: Readonly<Record<string, Tree<Tensor>>>,
  outputsFrom: (images: Tensor) => Readonly<Record<string, Tensor>>
): ExportedNetwork => {
  const sampled = (batch: number) => {
    const images = placeholder("images", [batch, channels, height, width])
    return { state, inputs: { images }, outputs: outputsFrom(images) }
  }
  return pureProgram<string, string>(`${model} ${player}`, sampled, { prefix, dropout: "mean" })
}

const outputsOf = (
  model: string,
  { images, trajectory }: Generation,
  wanted: boolean
): Readonly<Record<string, Tensor>> => {
  // As `sampleImages` does: a canvas without a link can leave the range of images.
  const drawn = clamp(images, 0, 1)
  if (!wanted) return { images: drawn }
  if (trajectory === undefined) throw new ProgramError(`${model} does not draw step by step: there is no trajectory`)
  return {
    images: drawn,
    canvases: stack(
      trajectory.canvases.map((canvas) => broadcast(canvas, images.shape)),
      1
    ),
    windows: stack(trajectory.windows, 1)
  }
}
