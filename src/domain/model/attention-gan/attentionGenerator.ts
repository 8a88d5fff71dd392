import { blurred, overlapping, windowFrom, windowTable } from "../../attention/window.ts"
import { write } from "../../attention/write.ts"
import { gruCellParameters, gruStep } from "../../nn/gruCell.ts"
import { type Linear, linear, linearParameters } from "../../nn/linear.ts"
import type { ParameterSpec } from "../../nn/parameter.ts"
import { type RecurrentCell, simpleRnnCellParameters, simpleRnnStep } from "../../nn/simpleRnnCell.ts"
import { add } from "../../tensor/arithmetic.ts"
import { sigmoid } from "../../tensor/elementwise.ts"
import { reshape, size, take } from "../../tensor/movement.ts"
import { zeros } from "../../tensor/source.ts"
import type { Tensor } from "../../tensor/Tensor.ts"
import type { Generation, ImageFormat } from "../GenerativeModel.ts"
import { drawLatents, type LatentPlan, standardLatents } from "../latentPlan.ts"
import { windowMapParameters } from "../WindowInitialisation.ts"
import type { AttentionGanSettings } from "./AttentionGanSettings.ts"

/** Parameters of the generator of section 2.4. */
export type AttentionGenerator<Leaf> = {
  /** `h_0`, `[1, units]`: learned. */
  readonly initialHidden: Leaf
  /** `c_0`, `[1, channels, B, A]`: learned. */
  readonly initialCanvas: Leaf
  /** `RNN_G`, from `latentSize` to `units`. */
  readonly rnn: RecurrentCell<Leaf>
  /** The writer's own five numbers from `h_t`. */
  readonly window: Linear<Leaf>
  /** `w = W(h_t)`, from `units` to `channels N N`. */
  readonly patch: Linear<Leaf>
}

export const attentionGeneratorParameters = (
  settings: AttentionGanSettings,
  { channels, height, width }: ImageFormat
): AttentionGenerator<ParameterSpec> => {
  const { units, latentSize, filters, windowScale, writingStart, initialHiddenDeviation } = settings
  return {
    initialHidden: { shape: [1, units], initialiser: { kind: "normal", standardDeviation: initialHiddenDeviation } },
    initialCanvas: { shape: [1, channels, height, width], initialiser: canvasInitialiser(settings) },
    rnn: settings.cell === "gated" ? gruCellParameters(latentSize, units) : simpleRnnCellParameters(latentSize, units),
    window: windowMapParameters(units, windowScale, writingStart),
    patch: linearParameters(units, channels * filters * filters)
  }
}

const canvasInitialiser = ({ canvas, canvasStart }: AttentionGanSettings): ParameterSpec["initialiser"] =>
  canvasStart === "zero"
    ? { kind: "constant", value: 0 }
    : {
        kind: "marginals",
        of: canvasStart === "marginals" ? "mean" : "sample",
        as: canvas === "sigmoid" ? "logit" : "value"
      }

/**
 * The generator (eq. 6-8), with every step that led to the image:
 *
 *     z_t ~ N(mu_t, sigma_t)    h_t = RNN_G(h_{t-1}, z_t)    c_t = c_{t-1} + write(h_t)    image = link(c_T)
 *
 * `latents` is `[T, batch, latentSize]`; where `latentSteps` says so, `z_t` of later steps is 0 whatever it is drawn as. The link is the identity, or the sigmoid of a canvas that holds logits.
 * What is written goes through filters of the variance `s2 + (writingOverlap d)^2 + writingBlur^2` (`overlapping`, `blurred`), the paper's where both are left out.
 */
export const generateImages = (
  parameters: AttentionGenerator<Tensor>,
  settings: AttentionGanSettings,
  { channels, height, width }: ImageFormat,
  latents: Tensor
): Drawing => {
  const { filters, latentSize } = settings
  const [glimpses, batch] = [size(latents, 0), size(latents, 1)]
  const { latentSteps = glimpses, writingOverlap = 0, writingBlur = 0 } = settings
  const none = zeros([1, latentSize])
  const link = settings.canvas === "sigmoid" ? sigmoid : (canvas: Tensor): Tensor => canvas
  const step = settings.cell === "gated" ? gruStep : simpleRnnStep
  const rnn = step(parameters.rnn, settings.activation.generator)
  const canvases = [parameters.initialCanvas]
  const windows: Array<Tensor> = []
  const states: Array<Tensor> = []
  let hidden = parameters.initialHidden
  let canvas = parameters.initialCanvas
  for (let t = 0; t < glimpses; t++) {
    hidden = rnn(hidden, t < latentSteps ? take(latents, 0, t) : none)
    const placed = windowFrom(linear(parameters.window, hidden), { height, width, filters })
    const window = blurred(overlapping(placed, writingOverlap), writingBlur)
    const patch = reshape(linear(parameters.patch, hidden), [batch, channels, filters, filters])
    canvas = add(canvas, write(patch, window, { height, width }))
    canvases.push(canvas)
    windows.push(windowTable(window))
    states.push(hidden)
  }
  return { images: link(canvas), trajectory: { canvases: canvases.map(link), windows }, states }
}

/** What a generator draws, and how it came to it. */
export interface Drawing extends Generation {
  /** `h_t` after step t = 1..T, each `[batch, units]`. */
  readonly states: ReadonlyArray<Tensor>
}

/** The plan that the settings give: their own, or standard normal latents at every step. */
export const latentPlanOf = (settings: AttentionGanSettings): LatentPlan =>
  settings.latentPlan ?? standardLatents(settings.glimpses)

/** Draws latents by a plan and images `[batch, channels, B, A]` from them: for probing what each step's latent does. */
export const generateImagesByPlan = (
  parameters: AttentionGenerator<Tensor>,
  settings: AttentionGanSettings,
  format: ImageFormat,
  { batch, noise, plan }: { readonly batch: number; readonly noise: string; readonly plan: LatentPlan }
): Generation =>
  generateImages(parameters, settings, format, drawLatents(`${noise}/z`, plan, batch, settings.latentSize))
