import type { SettingsJson } from "../../src/domain/experiment/presets.ts"

const adam = { learningRate: 1e-3, beta1: 0.5, maxGradientNorm: null }

/**
 * What made the preset `modern` of November 2026 out of `paper`: the paper's windows and latents, gated cells, a constant gradient
 * penalty and constant step sizes. Settings of runs made by it, what the benchmark's peers train, and numbers recorded then are of these.
 */
export const firstModern: SettingsJson = {
  name: "modern",
  model: { cell: "gated" },
  training: {
    gradientPenalty: 5,
    averageDecay: 0.999,
    generatorOptimizer: adam,
    discriminatorOptimizer: adam
  }
}
