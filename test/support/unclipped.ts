import type { SettingsJson } from "../../src/domain/experiment/presets.ts"

const anyNorm = { maxGradientNorm: null }

/** An adversarial preset with gradients of any norm, as all were until 30 November 2026, and as peers that clip nothing train. */
export const unclipped: SettingsJson = {
  training: { generatorOptimizer: anyNorm, discriminatorOptimizer: anyNorm }
}
