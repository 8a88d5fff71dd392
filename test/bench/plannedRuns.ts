import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { PlannedRun } from "../../src/domain/paper/plan/ReproductionPlan.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { Milestones } from "../../src/layers/checkpoint/Milestones.ts"
import { holdFolder } from "../../src/layers/lock/FolderLock.ts"
import type { RunFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { logLayer, storesLayer } from "../../src/programs/cli/layers.ts"
import { trainPlanned } from "../../src/programs/paper/trainPlanned.ts"
import { sampleImages } from "../../src/programs/sampling/Sampling.ts"
import { openRun } from "../../src/programs/training/openRun.ts"

/** Epochs that a run may be measured after later, besides those asked for. */
export const usualMilestones: ReadonlyArray<number> = [1, 2, 3, 5, 10, 15, 20, 25, 30, 35, 40, 45, 49]

/** Trains a run in a folder, with log, checkpoints, milestones and figures, from where it stands there. */
export const trainIn = (place: RunFolder, run: PlannedRun) =>
  trainPlanned(run, place).pipe(
    Effect.provide(
      Layer.merge(
        storesLayer(place, "stop", run.settings),
        logLayer(place, { quiet: false, tensorBoard: false, telemetry: {} })
      )
    ),
    holdFolder(place.folder)
  )

/**
 * The generator of a run in a folder after some epochs: when its file was made, and samples of it, `[count, channels, B, A]` in [0, 1]
 * (by the moving average where there is one). `undefined` if the folder has neither a milestone nor a checkpoint of them.
 */
export const generatorAfter = Effect.fnUntraced(function* (place: RunFolder, run: PlannedRun, epochs: number) {
  return yield* Effect.gen(function* () {
    const { model, updatesPerEpoch } = yield* openRun(run.settings)
    const update = epochs * updatesPerEpoch
    for (const { list, load } of [yield* Milestones, yield* CheckpointStore]) {
      if (!(yield* list).includes(update)) continue
      const { description, tensors } = yield* load(update)
      return {
        createdAt: description.createdAt,
        samples: (count: number) => sampleImages(model, tensors, { count, seed: run.seed })
      }
    }
    return undefined
  }).pipe(Effect.provide(storesLayer(place, "stop")))
})
