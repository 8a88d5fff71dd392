// The public entry "fovea/paper": the reproduction of one paper, its plans, probes, figures and report. The library never imports it.
export {
  bundledPlan,
  decodePlan,
  type PlannedRun,
  plannedRuns,
  ReproductionPlan
} from "./domain/paper/plan/ReproductionPlan.ts"
export {
  outOfDistributionProbe,
  outOfDistributionProbes,
  type Probe,
  paperProbes,
  plannedImagesProgram,
  plannedModel,
  singleStepProbes,
  standardProbe,
  zeroProbe
} from "./domain/paper/probe/probes.ts"
export { Results } from "./domain/paper/report/Results.ts"
export { readResults } from "./programs/paper/readResults.ts"
export { type Reproduction, reportOf } from "./programs/paper/reportOf.ts"
export { trainPlanned } from "./programs/paper/trainPlanned.ts"
export { trainWithFigures } from "./programs/paper/trainWithFigures.ts"
