import { Flag } from "effect/cli"
import * as Option from "effect/Option"

/** A flag for a whole number of at least `least`, and at most `most`; says so if another is given. */
export const wholeNumber = (name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): Flag.Flag<number> => {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  const inRange = (value: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most
  // Not `Flag.Int`, whose message for a word speaks of a string representing a finite number.
  return Flag.String(name).pipe(
    Flag.withMetavar("integer"),
    Flag.filterMap(
      (text) => (/^[+-]?\d+$/.test(text) ? Option.filter(Option.some(Number(text)), inRange) : Option.none()),
      () => `a whole number ${range}`
    )
  )
}
