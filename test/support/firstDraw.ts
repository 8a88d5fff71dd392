import type { SettingsJson } from "../../src/domain/experiment/presets.ts"

/**
 * What the preset `draw` was until December 2026: ten glimpses, constant step sizes, gradients of any norm. What the benchmark's peers train,
 * and numbers recorded then are of.
 */
export const firstDraw: SettingsJson = {
  model: { glimpses: 10 },
  training: { optimizer: { learningRateDecay: null, maxGradientNorm: null } }
}
