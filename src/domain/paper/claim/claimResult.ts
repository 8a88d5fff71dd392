import type { ClaimMeasure, ClaimResult } from "../report/Results.ts"
import { type Criterion, findingOf, sentenceOf, verdictOf, worstOf } from "./criterion.ts"
import type { Evident } from "./evidence.ts"

/** A claim of the paper. */
export interface Claim {
  /** `C1` .. `C6`. */
  readonly id: string
  /** What the paper says, in plain English. */
  readonly statement: string
  /** When it holds: one sentence that needs no other. */
  readonly rule: string
}

/**
 * The result for a claim whose conditions must all be met (`worstOf`). Unclear, and the notes say why, if there are none,
 * which is so where an experiment that they need has no usable training.
 */
export const claimResult = (
  { id, statement, rule }: Claim,
  evidence: ReadonlyArray<Evident>,
  {
    criteria,
    measures
  }: { readonly criteria: ReadonlyArray<Criterion>; readonly measures: ReadonlyArray<ClaimMeasure> },
  notes: ReadonlyArray<string> = []
): ClaimResult => {
  const sentences = [
    ...criteria.map(sentenceOf),
    ...notes,
    ...evidence.flatMap((each) => each.notes),
    ...(criteria.length === 0 ? ["So there is nothing to judge by."] : seedNotes(evidence))
  ]
  return {
    id,
    statement,
    verdict: worstOf(criteria.map(verdictOf)),
    rule,
    finding: criteria.length === 0 ? "There is nothing to judge by." : findingOf(criteria),
    reason: sentences.join(" "),
    measures
  }
}

const seedNotes = (evidence: ReadonlyArray<Evident>): ReadonlyArray<string> =>
  evidence.some(({ usable }) => usable.length === 1) ? ["One seed proves little about others."] : []
