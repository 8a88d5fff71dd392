import type { Verdict } from "../report/Results.ts"
import type { SeedEstimate } from "./SeedEstimate.ts"

/** One condition that a claim states, as two bounds on a number. */
export interface Criterion {
  /** What the number is, as the subject of a sentence: `the later latents' share of the variance`. */
  readonly what: string
  /** What is the case if it is met, as a clause for readers: `the rough comes before the fine`. */
  readonly meaning: string
  readonly estimate: SeedEstimate
  /** Whether a high or a low number speaks for the claim. */
  readonly wanted: "high" | "low"
  /** The condition is met beyond this bound. */
  readonly holds: number
  /** It is broken beyond this one, which lies on the other side of `holds` or is equal to it. */
  readonly fails: number
  /** Why, if it is broken, that does not count: the number may then be bad for another reason. */
  readonly excuse?: string
}

/**
 * Whether a criterion is met: "holds" if its whole 95% interval is beyond the bound `holds`, "does not hold" if it is
 * wholly beyond `fails`, otherwise "unclear": an interval that reaches over a bound, a number between the two, or one
 * that is not a number. With an excuse, "does not hold" becomes "unclear". A better number of the same margin never has
 * a worse verdict.
 */
export const verdictOf = (criterion: Criterion): Verdict => {
  const verdict = plainVerdict(criterion)
  return verdict === "does not hold" && criterion.excuse !== undefined ? "unclear" : verdict
}

/** The verdict of the bounds alone. */
const plainVerdict = ({ estimate: { value, margin }, wanted, holds, fails }: Criterion): Verdict => {
  const sign = wanted === "high" ? 1 : -1
  if (sign * value - margin > sign * holds) return "holds"
  return sign * value + margin < sign * fails ? "does not hold" : "unclear"
}

const rank: { readonly [V in Verdict]: number } = { "does not hold": 0, unclear: 1, holds: 2 }

/**
 * The verdict on a claim that states several conditions at once: the worst of theirs, in the order "does not hold",
 * "unclear", "holds". Unclear if there are none.
 */
export const worstOf = (verdicts: ReadonlyArray<Verdict>): Verdict =>
  verdicts.reduce<Verdict | undefined>(
    (worst, verdict) => (worst === undefined || rank[verdict] < rank[worst] ? verdict : worst),
    undefined
  ) ?? "unclear"

/** What the verdict on each criterion is said by; those that say the same, together. */
const findings = [
  ["holds", "Seen"],
  ["does not hold", "Not seen"],
  ["unclear", "Not certain"]
] as const

/** What criteria came to, in plain sentences without numbers: what is seen, what is not, and what is not certain. */
export const findingOf = (criteria: ReadonlyArray<Criterion>): string =>
  findings
    .flatMap(([verdict, word]) => {
      const meanings = criteria.filter((criterion) => verdictOf(criterion) === verdict).map(({ meaning }) => meaning)
      return meanings.length === 0 ? [] : [`${word}: ${[...new Set(meanings)].join("; ")}.`]
    })
    .join(" ")

/** A criterion, its number and its verdict as a sentence. */
export const sentenceOf = (criterion: Criterion): string => {
  const { what, estimate, wanted, holds, fails, excuse } = criterion
  const [beyond, short] = wanted === "high" ? ["above", "below"] : ["below", "above"]
  const bounds =
    holds === fails
      ? `must lie ${beyond} ${decimals(holds)}`
      : `must lie ${beyond} ${decimals(holds)} (broken ${short} ${decimals(fails)})`
  const margin = estimate.margin > 0 ? ` ± ${decimals(estimate.margin)}` : ""
  const excused = plainVerdict(criterion) === "does not hold" && excuse !== undefined
  const verdict = excused ? `unclear, since ${excuse}` : verdictOf(criterion)
  return `${capitalised(what)} ${bounds} and is ${decimals(estimate.value)}${margin}: ${verdict}.`
}

const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** At most three decimals. */
const decimals = (value: number): string => String(Number(value.toFixed(3)))
