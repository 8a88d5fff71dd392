import type { ClaimResult } from "../report/Results.ts"
import { judgeEarlyLatents } from "./earlyLatents.ts"
import type { Evidence } from "./evidence.ts"
import { judgeFewerFilters } from "./fewerFilters.ts"
import { judgeMarginalCanvas } from "./marginalCanvas.ts"
import { judgeOutOfDistributionLatents } from "./outOfDistributionLatents.ts"
import { seedBySeed } from "./seedBySeed.ts"
import { judgeSharperSamples } from "./sharperSamples.ts"
import { judgeStepByStep } from "./stepByStep.ts"

/** Each claim's judge, and the experiments that it compares. */
const evaluators = [
  { judge: judgeSharperSamples, about: ["paper", "baseline"] },
  { judge: judgeStepByStep, about: ["paper"] },
  { judge: judgeFewerFilters, about: ["paper", "four-filters"] },
  { judge: judgeEarlyLatents, about: ["paper"] },
  { judge: judgeOutOfDistributionLatents, about: ["paper"] },
  { judge: judgeMarginalCanvas, about: ["paper", "zero-canvas"] }
]

/** The experiments that claims are about. */
export const claimedExperiments: ReadonlyArray<string> = [...new Set(evaluators.flatMap(({ about }) => about))]

/**
 * The paper's claims C1-C6, judged by what is known of the trainings of its experiments, in any order and with one or
 * more seeds each. Every claim has its rule, stated at the function that judges it, and a verdict: unclear where numbers
 * are within their errors of a bound, where an experiment is missing or unfinished, or nothing was sampled from it (the
 * reason says which). Of several seeds the result also has the verdict on each by itself. Claims about experiments that are not even `planned` are left out.
 */
export const judgeClaims = (
  experiments: ReadonlyArray<Evidence>,
  planned: ReadonlyArray<string> = claimedExperiments
): ReadonlyArray<ClaimResult> =>
  evaluators
    .filter(({ about }) => about.every((name) => planned.includes(name)))
    .map(({ judge, about }) => seedBySeed(judge, about)(experiments))
