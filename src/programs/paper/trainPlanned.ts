import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlannedRun } from "../../domain/paper/plan/ReproductionPlan.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { paperNames } from "./figureNames.ts"
import { runFigures } from "./runFigures.ts"
import { isFinished, openedStandingOf } from "./runProgress.ts"
import { trainWithFigures } from "./trainWithFigures.ts"

/**
 * Brings a planned run to its end with all its figures, from where it stands; one that is there is left alone. A run that
 * diverges is reported on standard error and left as it is: the others go on, and the report says what is missing.
 */
export const trainPlanned = Effect.fn("trainPlanned")(function* (run: PlannedRun, folder: RunFolder) {
  const fs = yield* FileSystem.FileSystem
  const drawn = yield* Effect.forEach(runFigures(run.settings), ({ file }) =>
    Effect.orElseSucceed(fs.exists(`${folder.figures}/${file}`), () => false)
  )
  if (isFinished(yield* openedStandingOf(run)) && drawn.every((exists) => exists)) return
  yield* trainWithFigures(run.settings, folder, paperNames).pipe(
    Effect.asVoid,
    Effect.catchTag(["DivergedError", "CollapsedError"], ({ message }) =>
      Console.error(`${run.experiment}, seed ${run.seed}: ${message} Going on with what else there is to do.`)
    )
  )
})
