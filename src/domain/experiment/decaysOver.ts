import type { DecaySettings } from "../optim/DecaySettings.ts"
import { AdamSettings, type OptimizerSettings } from "../optim/OptimizerSettings.ts"

/** The settings of a training that may decay. */
export interface Falling {
  readonly gradientPenaltyDecay?: DecaySettings | undefined
  readonly generatorOptimizer?: OptimizerSettings | undefined
  readonly discriminatorOptimizer?: OptimizerSettings | undefined
  readonly optimizer?: OptimizerSettings | undefined
}

/**
 * The same training, in which every decay says over how many updates it goes: those that said nothing go over `updates`, the whole
 * training. `updates` below 1 counts as 1: data with fewer images than a batch give no update, and some that ask (`fittedPoint`,
 * `trainModel`) refuse these only afterwards, with a message that says so.
 */
export const decaysOver = <T extends Falling>(training: T, updates: number): T => {
  const { gradientPenaltyDecay: penalty, generatorOptimizer, discriminatorOptimizer, optimizer } = training
  const over = (decay: DecaySettings): DecaySettings => ({ ...decay, updates: decay.updates ?? Math.max(updates, 1) })
  const rate = (settings: OptimizerSettings): OptimizerSettings =>
    settings.kind === "adam" && settings.learningRateDecay !== undefined
      ? new AdamSettings({ ...settings, learningRateDecay: over(settings.learningRateDecay) })
      : settings
  return {
    ...training,
    ...(penalty && { gradientPenaltyDecay: over(penalty) }),
    ...(generatorOptimizer && { generatorOptimizer: rate(generatorOptimizer) }),
    ...(discriminatorOptimizer && { discriminatorOptimizer: rate(discriminatorOptimizer) }),
    ...(optimizer && { optimizer: rate(optimizer) })
  }
}
