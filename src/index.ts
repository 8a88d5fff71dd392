// The package's public entry: models, training, and the layers that run them. The tensor language is "fovea/tensor".

export type { OnnxProviderName } from "./layers/backend/onnx/providers.ts"
export { type BackendName, UnknownBackendError } from "./layers/backend/selection/backendNamed.ts"
export type { Device, EngineStatus } from "./layers/backend/selection/EngineStatus.ts"
export type { EngineName } from "./layers/backend/selection/engineNames.ts"
export { ClassifierStore } from "./layers/checkpoint/ClassifierStore.ts"
export { DivergedStates } from "./layers/checkpoint/DivergedStates.ts"
export { Milestones } from "./layers/checkpoint/Milestones.ts"
export type { ImageFolderOptions } from "./layers/dataset/folder/imageFolder.ts"
export { FolderLock, FolderLockError, FolderLockedError } from "./layers/lock/FolderLock.ts"
export { LockLostError } from "./layers/lock/LockLostError.ts"
export * from "./library.ts"
/** Implementations of `TensorBackend`, and how one is chosen: by name, by what is there, or after asking `doctor`. */
export * as Backends from "./namespaces/Backends.ts"
/** Implementations of `CheckpointStore`, and of the stores of `Milestones` and the classifier beside it. */
export * as Checkpoints from "./namespaces/Checkpoints.ts"
/** Data: named arrays in memory or as streams, in batches. */
export * as Data from "./namespaces/Data.ts"
/** Implementations of `Dataset`, and how batches are drawn from one. */
export * as Datasets from "./namespaces/Datasets.ts"
/** Measuring samples against real images, by a classifier that is trained for it. */
export * as Evaluation from "./namespaces/Evaluation.ts"
/** Models for other programs, and parameters from them. */
export * as Exchange from "./namespaces/Exchange.ts"
/** Implementations of `ImageWriter`. */
export * as ImageWriters from "./namespaces/ImageWriters.ts"
/** Implementations of `TrainingLog`; several are joined by `TrainingLog.all`. */
export * as Logs from "./namespaces/Logs.ts"
/** Holding a run's folder, and computing a run again to compare it with its records. */
export * as Runs from "./namespaces/Runs.ts"
/** Many trainings of one kind: points and seeds on a queue in memory or a database, workers, and what comes of them. */
export * as Sweep from "./namespaces/Sweep.ts"
/** Training runs as streams of progress, and the operators that make them log, checkpoint and draw. */
export * as Training from "./namespaces/Training.ts"
export { NothingToCompareError, ReplayDifferenceError } from "./programs/replay/ReplayError.ts"
export { type OpenRun, openRun } from "./programs/training/openRun.ts"
export { type DrawImages, runExperiment } from "./programs/training/runExperiment.ts"
export type { FileReport, FileState } from "./programs/verify/FileState.ts"
export { VerifyError, verifyFolder } from "./programs/verify/verifyFolder.ts"
