import * as Schema from "effect/Schema"
import { buffer, type ParameterSpec } from "../nn/parameter.ts"
import { type DecaySettings, decayed } from "../optim/DecaySettings.ts"
import { type BoundEma, type Ema, ema } from "../program/ema.ts"
import { multiply, subtract } from "../tensor/arithmetic.ts"
import { relu } from "../tensor/elementwise.ts"
import type { Tensor } from "../tensor/Tensor.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/**
 * The weight of the gradient penalty R1: a number, or so much for each nat of D's lead, so that the penalty rises where D pulls ahead and
 * falls where D is held back. The lead is how far D's loss (eq. 9) lies below that of a D that guesses,
 *
 *     weight = perNatOfLead lead    lead = max(0, 2 ln 2 - L_D)
 *
 * where L_D is averaged over about the last hundred updates. For the best D it is twice the Jensen-Shannon divergence between real and
 * generated images (Goodfellow 2014, theorem 1).
 */
export const PenaltyWeight = Schema.Union([Positive, Schema.Struct({ perNatOfLead: Positive })]).annotate({
  expected: 'a positive number, or one for each nat of D\'s lead: { "perNatOfLead": 30 }'
})
export type PenaltyWeight = typeof PenaltyWeight.Type

/** D's loss while it guesses, in nats. */
const chance = 2 * Math.LN2

/** D's averaged loss, `[]`, which a weight by D's lead keeps in the state. */
export type LossAverage = { readonly loss: ParameterSpec }

/** It begins at chance: the first update has no penalty. */
export const lossAverage: Ema<LossAverage> = ema({ loss: buffer([], chance) }, 0.99)

/**
 * A penalty's weight at an update, `[]`: of a number by its decay over the `updates` that D has done, `[]`; or by D's lead as the average has it.
 * Throws a `RangeError` for a decay without a length (`decaysOver`), and for a weight by lead without an average.
 */
export const weightAt = (
  weight: PenaltyWeight,
  decay: DecaySettings | undefined,
  { updates, average }: { readonly updates: Tensor; readonly average: BoundEma<LossAverage> | undefined }
): Tensor | number => {
  if (typeof weight === "number") {
    const schedule = decayed(weight, decay, "gradientPenaltyDecay")
    return typeof schedule === "number" ? schedule : schedule(updates)
  }
  if (average === undefined) throw new RangeError("a weight by D's lead needs D's averaged loss")
  return multiply(relu(subtract(chance, average.parameters.loss)), weight.perNatOfLead)
}
