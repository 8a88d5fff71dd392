// Many trainings on a queue: points, seeds, workers, results.

export { LeaseLostError, QueueError, SweepConflictError, UnknownSweepError } from "../layers/queue/queueErrors.ts"
export { type Lease, LeaseTimes, TrainingQueue as Queue } from "../layers/queue/TrainingQueue.ts"
export { Database } from "../layers/sql/Database.ts"
export {
  grid,
  inDatabase,
  inFolder,
  type KeepRun,
  make,
  memory,
  type PointValues,
  queueIn,
  random,
  run,
  type Sweep
} from "../programs/sweep/Sweep.ts"
