import * as Schema from "effect/Schema"
import { attentionGan } from "./attention-gan/AttentionGan.ts"
import { AttentionGanSettings } from "./attention-gan/AttentionGanSettings.ts"
import { dcgan } from "./dcgan/Dcgan.ts"
import { DcganSettings } from "./dcgan/DcganSettings.ts"
import { draw } from "./draw/Draw.ts"
import { DrawSettings } from "./draw/DrawSettings.ts"
import type { ImageFormat } from "./GenerativeModel.ts"
import { goodfellowGan } from "./gan/GoodfellowGan.ts"
import { GoodfellowGanSettings } from "./gan/GoodfellowGanSettings.ts"
import type { TrainableModel } from "./TrainableModel.ts"
import { vae } from "./vae/Vae.ts"
import { VaeSettings } from "./vae/VaeSettings.ts"

/** Settings of any model of the library; `kind` says of which. */
export const ModelSettings = Schema.Union([
  AttentionGanSettings,
  GoodfellowGanSettings,
  VaeSettings,
  DrawSettings,
  DcganSettings
]).annotate({
  expected: 'settings of a model of kind "attention-gan", "goodfellow-gan", "vae", "draw" or "dcgan"'
})
export type ModelSettings = typeof ModelSettings.Type

/** `N`, filters per axis of the window that the model writes through; `undefined` where it has none. */
export const writeFiltersOf = (settings: ModelSettings): number | undefined => {
  switch (settings.kind) {
    case "attention-gan":
      return settings.filters
    case "draw":
      return settings.attention ? settings.writeFilters : undefined
    default:
      return undefined
  }
}

/** The model that settings describe, for images of a format. */
export const modelOf = (settings: ModelSettings, format: ImageFormat): TrainableModel => {
  switch (settings.kind) {
    case "attention-gan":
      return attentionGan(settings, format)
    case "goodfellow-gan":
      return goodfellowGan(settings, format)
    case "vae":
      return vae(settings, format)
    case "dcgan":
      return dcgan(settings, format)
    case "draw":
      return draw(settings, format)
  }
}
