// Implementations of `CheckpointStore`, and of the stores of `Milestones` and the classifier beside it.
export {
  layerClassifier as classifier,
  layerClassifierMemory as classifierInMemory
} from "../layers/checkpoint/ClassifierStore.ts"
export {
  layerDivergedStates as divergedStates,
  layerDivergedStatesMemory as divergedStatesInMemory
} from "../layers/checkpoint/DivergedStates.ts"
export { layerFileSystem as fileSystem } from "../layers/checkpoint/fileSystem.ts"
export {
  layerMilestones as milestones,
  layerMilestonesMemory as milestonesInMemory,
  layerSqlMilestones as milestonesInSql
} from "../layers/checkpoint/Milestones.ts"
export { layerSql as sql, type SqlCheckpointOptions } from "../layers/checkpoint/sql.ts"
export * from "./browser/Checkpoints.ts"
