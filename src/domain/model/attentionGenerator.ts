import { type AttentionWindow, windowFrom, windowNumbers, windowTable } from "../attention/window.ts"
import { write } from "../attention/write.ts"
import { type Affine, affine, affineParameters } from "../network/affine.ts"
import type { ParameterSpec } from "../network/parameter.ts"
import { type RecurrentCell, recurrentCellParameters, recurrentStep } from "../network/recurrentCell.ts"
import { add } from "../tensor/arithmetic.ts"
import { sigmoid } from "../tensor/elementwise.ts"
import { reshape, take } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { Generation, ImageFormat } from "./AdversarialModel.ts"
import type { AttentionGanSettings } from "./AttentionGanSettings.ts"
import { drawLatents, type LatentPlan, standardLatents } from "./latentPlan.ts"

/** Parameters of the generator of section 2.4. */
export type AttentionGenerator<Leaf> = {
  /** `h_0`, `[1, units]`: learned. */
  readonly initialHidden: Leaf
  /** `c_0`, `[1, channels, B, A]`: learned. */
  readonly initialCanvas: Leaf
  /** `RNN_G`, from `latentSize` to `units`. */
  readonly rnn: RecurrentCell<Leaf>
  /** The writer's own five numbers from `h_t`. */
  readonly window: Affine<Leaf>
  /** `w = W(h_t)`, from `units` to `channels N N`. */
  readonly patch: Affine<Leaf>
}

export const attentionGeneratorParameters = (
  settings: AttentionGanSettings,
  { channels, height, width }: ImageFormat
): AttentionGenerator<ParameterSpec> => {
  const { units, latentSize, filters, windowScale, initialHiddenDeviation } = settings
  return {
    initialHidden: { shape: [1, units], initialiser: { kind: "normal", deviation: initialHiddenDeviation } },
    initialCanvas: { shape: [1, channels, height, width], initialiser: canvasInitialiser(settings) },
    rnn: recurrentCellParameters(latentSize, units),
    window: affineParameters(units, windowNumbers, { kind: "glorot", scale: windowScale }),
    patch: affineParameters(units, channels * filters * filters)
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
 * The generator (eq. 6-8), with every step that led to the picture:
 *
 *     z_t ~ N(mu_t, sigma_t)    h_t = RNN_G(h_{t-1}, z_t)    c_t = c_{t-1} + write(h_t)    image = link(c_T)
 *
 * `latents` is `[T, batch, latentSize]`. The link is the identity, or the sigmoid of a canvas that holds logits.
 */
export const drawPictures = (
  parameters: AttentionGenerator<Tensor>,
  settings: AttentionGanSettings,
  { channels, height, width }: ImageFormat,
  latents: Tensor
): Generation => {
  const { filters, activation } = settings
  const link = settings.canvas === "sigmoid" ? sigmoid : (canvas: Tensor): Tensor => canvas
  const [glimpses = 1, batch = 1] = latents.shape
  // z_t does not depend on h: all T projections are one matrix product.
  const projected = affine(parameters.rnn.input, latents)
  const step = recurrentStep(parameters.rnn, activation.generator)
  const windows: Array<AttentionWindow> = []
  let hidden = parameters.initialHidden
  let canvas = parameters.initialCanvas
  const canvases = [canvas]
  for (let t = 0; t < glimpses; t++) {
    hidden = step(hidden, take(projected, 0, t))
    const window = windowFrom(parameters.window, hidden, { height, width, filters })
    const patch = reshape(affine(parameters.patch, hidden), [batch, channels, filters, filters])
    canvas = add(canvas, write(patch, window, { height, width }))
    windows.push(window)
    canvases.push(canvas)
  }
  return { images: link(canvas), trajectory: { canvases: canvases.map(link), windows: windows.map(windowTable) } }
}

/** The plan that the settings give: their own, or standard normal latents at every step. */
export const latentPlanOf = (settings: AttentionGanSettings): LatentPlan =>
  settings.latentPlan ?? standardLatents(settings.glimpses)

/** Draws latents by a plan and pictures from them: for probing what each step's latent does. */
export const drawPicturesByPlan = (
  parameters: AttentionGenerator<Tensor>,
  settings: AttentionGanSettings,
  format: ImageFormat,
  { batch, noise, plan }: { readonly batch: number; readonly noise: string; readonly plan: LatentPlan }
): Generation => drawPictures(parameters, settings, format, drawLatents(`${noise}/z`, plan, batch, settings.latentSize))
