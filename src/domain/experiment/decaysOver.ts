import type { DecaySettings } from "../optim/DecaySettings.ts"
import { AdamSettings, type OptimizerSettings } from "../optim/OptimizerSettings.ts"

/** What of a training's settings may fall over it. */
export interface Falling {
  readonly gradientPenaltyDecay?: DecaySettings | undefined
  readonly generatorOptimizer?: OptimizerSettings | undefined
  readonly discriminatorOptimizer?: OptimizerSettings | undefined
  readonly optimizer?: OptimizerSettings | undefined
}

/**
 * The same training, in which every decay says over how many updates it goes: those that said nothing go over `updates`, the whole
 * training. `recorded` is the training that a run goes on from, whose decays keep the lengths that they were begun with, also
 * where the run has become longer since.
 */
export const decaysOver = <T extends Falling>(training: T, updates: number, recorded: Falling = {}): T => {
  const { gradientPenaltyDecay: penalty, generatorOptimizer, discriminatorOptimizer, optimizer } = training
  const over = (decay: DecaySettings, before: DecaySettings | undefined): DecaySettings => ({
    ...decay,
    updates: decay.updates ?? before?.updates ?? Math.max(updates, 1)
  })
  const rate = (now: OptimizerSettings, before: OptimizerSettings | undefined): OptimizerSettings =>
    now.kind === "adam" && now.learningRateDecay !== undefined
      ? new AdamSettings({ ...now, learningRateDecay: over(now.learningRateDecay, rateDecayOf(before)) })
      : now
  return {
    ...training,
    ...(penalty && { gradientPenaltyDecay: over(penalty, recorded.gradientPenaltyDecay) }),
    ...(generatorOptimizer && { generatorOptimizer: rate(generatorOptimizer, recorded.generatorOptimizer) }),
    ...(discriminatorOptimizer && {
      discriminatorOptimizer: rate(discriminatorOptimizer, recorded.discriminatorOptimizer)
    }),
    ...(optimizer && { optimizer: rate(optimizer, recorded.optimizer) })
  }
}

const rateDecayOf = (settings: OptimizerSettings | undefined): DecaySettings | undefined =>
  settings?.kind === "adam" ? settings.learningRateDecay : undefined
