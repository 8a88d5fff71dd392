import * as Schema from "effect/Schema"
import { Count } from "../settings/countUpTo.ts"
import { cosine, linear, type Schedule } from "./schedule.ts"

/** How a number falls over a training; then it stays at its least. */
export const DecaySettings = Schema.Struct({
  /** In a straight line, or along half a cosine. */
  shape: Schema.Literals(["linear", "cosine"]),
  /** The number at the end. */
  least: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
  /** Updates from the first to the end; if left out, those of the whole training (`decaysOver`). */
  updates: Schema.optionalKey(Count)
})
export type DecaySettings = typeof DecaySettings.Type

/**
 * From a number on by a decay; the number itself if there is none. Throws a `RangeError` for a decay without a length in updates, which
 * names it by `path`: where it stands in the settings.
 */
export const decayed = (from: number, decay: DecaySettings | undefined, path: string): Schedule => {
  if (decay === undefined) return from
  const { shape, least, updates } = decay
  if (updates === undefined) {
    throw new RangeError(`${path}.updates: missing; give a number, or use \`decaysOver(training, updates)\``)
  }
  return shape === "linear" ? linear(from, least, updates) : cosine(from, updates, least)
}
