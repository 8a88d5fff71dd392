import * as Schema from "effect/Schema"
import { withDefaultTag } from "../json/withDefaultTag.ts"
import { namedFields } from "../settings/SettingsError.ts"
import { multiply } from "../tensor/arithmetic.ts"
import { maximum } from "../tensor/comparison.ts"
import { exp } from "../tensor/elementwise.ts"
import { DecaySettings, decayed } from "./DecaySettings.ts"
import { chain, type Optimizer } from "./Optimizer.ts"
import { adam, momentum } from "./optimizers.ts"
import { linear, type Schedule } from "./schedule.ts"
import { clipByGlobalNorm, maxColumnNorm } from "./transforms.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const Share = Schema.Finite.check(
  Schema.makeFilter((share) => (share >= 0 && share < 1 ? undefined : "must lie in [0, 1)"))
)

/** Of an optimizer of any kind. */
const gradientFields = {
  /**
   * What the gradients' joint Euclidean norm is clipped to before they go into the update (`clipByGlobalNorm`, Pascanu 2013); free if left
   * out. What it was before that is logged: `discriminatorGradientNorm` and `generatorGradientNorm`, or `gradientNorm`.
   */
  maxGradientNorm: Schema.optionalKey(Positive)
}

/** Settings of Adam (Kingma 2015, algorithm 1), under the names used there. */
export class AdamSettings extends Schema.Class<AdamSettings>("AdamSettings")(
  namedFields(
    "AdamSettings",
    Schema.Struct({
      kind: Schema.tag("adam"),
      /** `alpha`; with a decay, that of the first update. */
      learningRate: Positive,
      /** Constant if left out. */
      learningRateDecay: Schema.optionalKey(DecaySettings),
      beta1: Share,
      beta2: Share,
      epsilon: Positive,
      ...gradientFields
    })
  )
) {}

/** Settings of gradient descent with momentum; its two schedules are those of pylearn2, counted in updates. */
export class MomentumSettings extends Schema.Class<MomentumSettings>("MomentumSettings")(
  namedFields(
    "MomentumSettings",
    Schema.Struct({
      kind: Schema.Literal("momentum"),
      /** `alpha_0`, the step size of the first update. */
      learningRate: Positive,
      /** `d`: the step size is divided by this after every update. */
      decayFactor: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)),
      /** `alpha_min`: what the step size does not fall below. */
      leastLearningRate: Positive,
      /** `mu_0`: the momentum of the first update. */
      initialMomentum: Share,
      /** `mu_1`: the momentum from update `rampUpdates` on; it goes there in a straight line. */
      finalMomentum: Share,
      rampUpdates: Schema.Int.check(Schema.isGreaterThan(0)),
      /** Columns of weight matrices are held to this norm after every update (`maxColumnNorm`); free if left out. */
      maxColumnNorm: Schema.optionalKey(Positive),
      ...gradientFields
    })
  )
) {}

const AnyOptimizer = Schema.Union([AdamSettings, MomentumSettings]).annotate({
  expected: 'settings of an optimizer of kind "adam" or "momentum"'
})

/** Settings of an optimizer; `kind` says of which, and where there is none they are Adam's. */
export const OptimizerSettings = withDefaultTag("kind", "adam", AnyOptimizer)
export type OptimizerSettings = typeof AnyOptimizer.Type

/**
 * The optimizer that settings describe. Throws a `RangeError` for a decay without a length in updates (`decaysOver`), which names it below
 * `path`: where the settings stand in those of a training.
 */
export const optimizerOf = (settings: OptimizerSettings, path = "optimizer"): Optimizer => {
  const descent = settings.kind === "adam" ? adamOf(settings, path) : momentumOf(settings)
  const limit = settings.maxGradientNorm
  return limit === undefined ? descent : chain(clipByGlobalNorm(limit), descent)
}

const adamOf = (settings: AdamSettings, path: string): Optimizer =>
  adam(decayed(settings.learningRate, settings.learningRateDecay, `${path}.learningRateDecay`), settings)

const momentumOf = (settings: MomentumSettings): Optimizer => {
  const { learningRate, decayFactor, leastLearningRate, initialMomentum, finalMomentum, rampUpdates } = settings
  // alpha = max(alpha_0 / d^(t - 1), alpha_min): pylearn2's `ExponentialDecay`. mu: its `MomentumAdjustor`, but for steps of an epoch.
  const rate: Schedule = (count) =>
    maximum(multiply(learningRate, exp(multiply(count, -Math.log(decayFactor)))), leastLearningRate)
  const descent = momentum(rate, linear(initialMomentum, finalMomentum, rampUpdates))
  const limit = settings.maxColumnNorm
  return limit === undefined ? descent : chain(descent, maxColumnNorm(limit))
}
