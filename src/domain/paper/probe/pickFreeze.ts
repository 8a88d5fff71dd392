import { samplingStream } from "../../experiment/sampling.ts"
import { attentionGan } from "../../model/attention-gan/AttentionGan.ts"
import type { AttentionGanSettings } from "../../model/attention-gan/AttentionGanSettings.ts"
import { generateImages, latentPlanOf } from "../../model/attention-gan/attentionGenerator.ts"
import type { ImageFormat } from "../../model/GenerativeModel.ts"
import { drawLatents } from "../../model/latentPlan.ts"
import { parameterPlaceholders } from "../../nn/parameter.ts"
import { where } from "../../tensor/comparison.ts"
import { reshape } from "../../tensor/movement.ts"
import { makeProgram, type Program } from "../../tensor/Program.ts"
import { placeholder } from "../../tensor/source.ts"
import { type TensorData, tensorData } from "../../tensor/TensorData.ts"

/** The noise stream of the second, independent rows of a pick-freeze design; the first are those of sampling. */
export const secondStream = `${samplingStream}-second`

/**
 * A program whose every step draws `batch` images, `images` `[batch, channels, B, A]`, from latents that are taken step
 * by step of the generator from one of two independent noise streams: where the input `second`, `[T]`, is 1, z_t comes
 * from the second stream, where it is 0, from the stream of sampling, so that all zeros give the images of
 * `imagesProgram`. Both follow the settings' plan. For the design of `sobolIndices` (claim C4).
 */
export const pickFreezeProgram = (
  settings: AttentionGanSettings,
  format: ImageFormat,
  batch: number
): Program<"second", "images"> => {
  const { name, generator: own } = attentionGan(settings, format)
  const generator = parameterPlaceholders(own.parameters, "generator")
  const second = placeholder("second", [settings.glimpses])
  const latentsOf = (stream: string) => drawLatents(`${stream}/z`, latentPlanOf(settings), batch, settings.latentSize)
  const fromSecond = reshape(second, [settings.glimpses, 1, 1])
  const latents = where(fromSecond, latentsOf(secondStream), latentsOf(samplingStream))
  const { images } = generateImages(generator, settings, format, latents)
  return makeProgram({
    name: `${name} pick-freeze`,
    state: { generator },
    inputs: { second },
    next: { generator },
    outputs: { images }
  })
}

/**
 * The input `second`, `[T]`, that takes the latents of these steps, 1..T, from the second stream.
 * Throws a `RangeError` for a step that there is not.
 */
export const stepsFromSecond = (glimpses: number, steps: ReadonlyArray<number>): TensorData => {
  const values = new Float32Array(glimpses)
  for (const step of steps) {
    if (!Number.isInteger(step) || step < 1 || step > glimpses) {
      throw new RangeError(`a latent stands at a step 1..${glimpses}, not at ${step}`)
    }
    values[step - 1] = 1
  }
  return tensorData([glimpses], values)
}
