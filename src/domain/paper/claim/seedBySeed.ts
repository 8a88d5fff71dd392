import type { ClaimResult } from "../report/Results.ts"
import type { Evidence } from "./evidence.ts"

/** What judges a claim by trainings of all seeds at once. */
export type Judgement = (experiments: ReadonlyArray<Evidence>) => ClaimResult

/**
 * A judgement by all seeds at once, with `seeds`: that on each by itself, of the seeds that all experiments which it is `about` have come to their
 * end with. A seed whose training collapsed is unclear where collapsed trainings are set aside. No `seeds` of fewer than two.
 */
export const seedBySeed =
  (judge: Judgement, about: ReadonlyArray<string>): Judgement =>
  (experiments) => {
    const result = judge(experiments)
    const finished = experiments.filter(({ updates, totalUpdates }) => updates >= totalUpdates)
    const seeds = [...new Set(finished.map(({ seed }) => seed))]
      .filter((seed) => about.every((name) => finished.some((one) => one.name === name && one.seed === seed)))
      .sort((left, right) => left - right)
    if (seeds.length < 2) return result
    const alone = (seed: number) => judge(finished.filter((one) => one.seed === seed)).verdict
    return { ...result, seeds: seeds.map((seed) => ({ seed, verdict: alone(seed) })) }
  }
