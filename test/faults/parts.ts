import { corruption } from "./corruption.ts"
import type { FaultPart } from "./FaultPart.ts"
import { hostileFiles } from "./hostileFiles.ts"
import { interruptions } from "./interruptions.ts"
import { kills } from "./kills.ts"
import { longRun } from "./longRun.ts"
import { lostOutputs } from "./lostOutputs.ts"
import { powerCuts } from "./powerCuts.ts"
import { refusingDisks } from "./refusingDisks.ts"
import { sweepInPostgres } from "./sweep/sweepInPostgres.ts"
import { sweepInSqlite } from "./sweep/sweepInSqlite.ts"
import { twoRuns } from "./twoRuns.ts"

/** Every part of the fault tests. */
export const parts: ReadonlyArray<FaultPart> = [
  powerCuts,
  refusingDisks,
  interruptions,
  lostOutputs,
  twoRuns,
  kills,
  longRun,
  corruption,
  hostileFiles,
  sweepInSqlite,
  sweepInPostgres
]
