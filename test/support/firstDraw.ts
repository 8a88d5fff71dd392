import type { SettingsJson } from "../../src/domain/experiment/presets.ts"

/**
 * The preset `draw` as it was until 1 December 2026, but for its 300 epochs: ten glimpses, constant step sizes, gradients of any norm. The
 * benchmark's peers train it, and older recorded numbers are of it.
 */
export const firstDraw: SettingsJson = {
  model: { glimpses: 10 },
  training: { optimizer: { learningRateDecay: null, maxGradientNorm: null } }
}
