// What the tests of `domain` get for `fast-check` while mutants are tried: fewer runs, always of the same numbers. A mutant that no
// test notices meets every property, and one that most numbers show is noticed by the first few.
import * as fc from "fast-check"

export * from "fast-check"

const most = Number(process.env["FOVEA_MUTANT_RUNS"] ?? 25)

/** As `fc.assert`, with at most `FOVEA_MUTANT_RUNS` runs (25 if it is not set). */
export const assert = <Ts>(property: fc.IRawProperty<Ts>, options: fc.Parameters<Ts> = {}): Promise<void> | void =>
  fc.assert(property, { ...options, seed: options.seed ?? 1, numRuns: Math.min(options.numRuns ?? 100, most) })
