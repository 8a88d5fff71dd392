import type { ClaimResult } from "../report/Results.ts"
import { judgeEarlyLatents } from "./earlyLatents.ts"
import type { Evidence } from "./evidence.ts"
import { judgeFewerFilters } from "./fewerFilters.ts"
import { judgeMarginalCanvas } from "./marginalCanvas.ts"
import { judgeSharperSamples } from "./sharperSamples.ts"
import { judgeStepByStep } from "./stepByStep.ts"
import { judgeWildLatents } from "./wildLatents.ts"

/**
 * The paper's claims C1-C6, judged by what is known of the trainings of its experiments, in any order and with one or
 * more seeds each. Every claim has its rule, stated at the function that judges it, and a verdict: unclear where numbers
 * are within their errors of a bound, where an experiment is missing or unfinished, or nothing was sampled from it (the
 * reason says which).
 */
export const judgeClaims = (experiments: ReadonlyArray<Evidence>): ReadonlyArray<ClaimResult> =>
  [
    judgeSharperSamples,
    judgeStepByStep,
    judgeFewerFilters,
    judgeEarlyLatents,
    judgeWildLatents,
    judgeMarginalCanvas
  ].map((judge) => judge(experiments))
