import * as Layer from "effect/Layer"
import { layerDivergedStates } from "../../src/layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { layerMilestones } from "../../src/layers/checkpoint/Milestones.ts"
import { layerJsonLines } from "../../src/layers/log/jsonLines.ts"
import type { RunFolder } from "../../src/programs/checkpoint/RunFolder.ts"

/** All that a run keeps in its folder, in real files; nothing is shown on a terminal. */
export const runStores = ({ checkpoints, milestones, diverged, log }: RunFolder) =>
  Layer.mergeAll(
    layerFileSystem({ directory: checkpoints }),
    layerMilestones({ directory: milestones }),
    layerDivergedStates({ directory: diverged }),
    layerJsonLines(log)
  )
