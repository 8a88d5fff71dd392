import type { ParameterSpec } from "../../nn/parameter.ts"
import type { ImageFormat } from "../GenerativeModel.ts"
import type { AdversarialModel } from "../TrainableModel.ts"
import type { AttentionGanSettings } from "./AttentionGanSettings.ts"
import {
  type AttentionDiscriminator,
  attentionDiscriminatorParameters,
  discriminate
} from "./attentionDiscriminator.ts"
import {
  type AttentionGenerator,
  attentionGeneratorParameters,
  generateImagesByPlan,
  latentPlanOf
} from "./attentionGenerator.ts"

/** The paper's model: a generator that writes and a discriminator that reads through a movable window (eq. 1-8). */
export type AttentionGan = AdversarialModel<AttentionGenerator<ParameterSpec>, AttentionDiscriminator<ParameterSpec>>

/** The attention GAN for images of a format. */
export const attentionGan = (settings: AttentionGanSettings, format: ImageFormat): AttentionGan => ({
  name: "attention-gan",
  objective: "adversarial",
  format,
  generator: {
    parameters: attentionGeneratorParameters(settings, format),
    generate: (parameters, call) =>
      generateImagesByPlan(parameters, settings, format, { ...call, plan: latentPlanOf(settings) })
  },
  discriminator: {
    parameters: attentionDiscriminatorParameters(settings, format),
    logits: (parameters, images) => discriminate(parameters, settings, images)
  }
})
