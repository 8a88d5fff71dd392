// Holding a run's folder, and computing a run again to compare it with its records.
export { holdFolder as hold, layerFolderLock as lock } from "../layers/lock/FolderLock.ts"
export { recordOfRun as recordOf } from "../programs/replay/RunRecord.ts"
export { replayRun as replay } from "../programs/replay/replayRun.ts"
