// The package's public entry: models, training, and the layers that run them. The tensor language is "fovea/tensor".

export { filterbank } from "./domain/attention/filterbank.ts"
export { read } from "./domain/attention/read.ts"
export { type AttentionWindow, type WindowFrame, windowFrom, windowTable } from "./domain/attention/window.ts"
export { write } from "./domain/attention/write.ts"
export type { Retention } from "./domain/checkpoint/retention.ts"
export { gatherImages, type ImageSet, pixelMarginals } from "./domain/dataset/Images.ts"
export { type LabelledImages, LabelsError, labelledImages } from "./domain/dataset/LabelledImages.ts"
export { encodeNpy } from "./domain/dataset/npy.ts"
export { type PlacementSettings, type SeveralDigits, severalDigits } from "./domain/dataset/severalDigits.ts"
export { adversarialProgram, adversarialState } from "./domain/experiment/adversarialTraining.ts"
export { ClassifierExperiment, classifierPreset } from "./domain/experiment/ClassifierExperiment.ts"
export { drawnGenerator, trainedGenerator } from "./domain/experiment/drawnGenerator.ts"
export { ExperimentSettings, SettingsError } from "./domain/experiment/ExperimentSettings.ts"
export { presetNames, settingsFrom } from "./domain/experiment/presets.ts"
export {
  type Probe,
  paperProbes,
  plannedModel,
  plannedPicturesProgram,
  singleStepProbes,
  standardProbe,
  wildProbe,
  wildProbes,
  zeroProbe
} from "./domain/experiment/probes.ts"
export { picturesProgram, trajectoryProgram } from "./domain/experiment/sampling.ts"
export type { TrainingEvent } from "./domain/experiment/TrainingEvent.ts"
export {
  AdversarialTrainingSettings,
  TrainingSettings,
  VariationalTrainingSettings
} from "./domain/experiment/TrainingSettings.ts"
export { type TrainingOptions, trainingProgram, trainingState } from "./domain/experiment/trainingProgram.ts"
export {
  boundProgram,
  reconstructionProgram,
  variationalProgram,
  variationalState
} from "./domain/experiment/variationalTraining.ts"
export type { AdversarialModel } from "./domain/model/AdversarialModel.ts"
export { type AttentionGan, attentionGan } from "./domain/model/AttentionGan.ts"
export { AttentionGanSettings } from "./domain/model/AttentionGanSettings.ts"
export { drawPictures, drawPicturesByPlan } from "./domain/model/attentionGenerator.ts"
export { type ClassifierModel, classifierModel } from "./domain/model/Classifier.ts"
export { type Dcgan, dcgan } from "./domain/model/Dcgan.ts"
export { DcganSettings } from "./domain/model/DcganSettings.ts"
export { type Draw, draw } from "./domain/model/Draw.ts"
export { DrawSettings } from "./domain/model/DrawSettings.ts"
export type {
  Generation,
  GenerativeModel,
  ImageFormat,
  PlayerCall,
  Trajectory
} from "./domain/model/GenerativeModel.ts"
export { type GoodfellowGan, goodfellowGan } from "./domain/model/GoodfellowGan.ts"
export { GoodfellowGanSettings } from "./domain/model/GoodfellowGanSettings.ts"
export { type LatentPlan, standardLatents } from "./domain/model/latentPlan.ts"
export { type ModelSettings, modelOf } from "./domain/model/modelOf.ts"
export type { Objective, TrainableModel } from "./domain/model/TrainableModel.ts"
export { type Vae, vae } from "./domain/model/Vae.ts"
export { VaeSettings } from "./domain/model/VaeSettings.ts"
export type { Inference, VariationalModel } from "./domain/model/VariationalModel.ts"
export { type ActivationName, activations } from "./domain/network/activation.ts"
export { type Affine, affine, affineMaps, affineParameters } from "./domain/network/affine.ts"
export {
  type BatchNormalisation,
  batchNormalisationParameters,
  normalise,
  normaliseByBatch
} from "./domain/network/batchNormalisation.ts"
export { binarised } from "./domain/network/binarise.ts"
export {
  type Convolution,
  convolution,
  convolutionParameters,
  halving,
  transposedConvolution,
  transposedConvolutionParameters
} from "./domain/network/convolution.ts"
export { type Dense, dense, denseParameters } from "./domain/network/dense.ts"
export { dropout } from "./domain/network/dropout.ts"
export { type Embedding, embedding, embeddingParameters } from "./domain/network/embedding.ts"
export { gatedCellParameters, gatedCellWithHidden, gatedStep } from "./domain/network/gatedCell.ts"
export {
  groupNormalisation,
  groupNormalisationParameters,
  layerNormalisation,
  layerNormalisationParameters,
  type Normalisation
} from "./domain/network/groupNormalisation.ts"
export { leakyRelu } from "./domain/network/leakyRelu.ts"
export { maxout, maxoutParameters } from "./domain/network/maxout.ts"
export {
  type Initialiser,
  initialise,
  type ParameterSpec,
  parameterCount,
  parameterPlaceholders
} from "./domain/network/parameter.ts"
export {
  type CellWithHidden,
  cellWithHidden,
  type RecurrentCell,
  recurrentCellParameters,
  recurrentStep
} from "./domain/network/recurrentCell.ts"
export { gelu, silu } from "./domain/network/smoothRectifiers.ts"
export { discriminatorLoss, generatedAccuracy, generatorLoss, realAccuracy } from "./domain/objective/adversarial.ts"
export { crossEntropy } from "./domain/objective/crossEntropy.ts"
export { gradientPenalty } from "./domain/objective/gradientPenalty.ts"
export { bernoulliLogLikelihood, gaussianDivergence, reparameterised } from "./domain/objective/variational.ts"
export { AdamSettings, type AdamState, adam, adamState } from "./domain/optimizer/adam.ts"
export { maxColumnNorm } from "./domain/optimizer/maxColumnNorm.ts"
export { MomentumSettings, type MomentumState, momentum, momentumState } from "./domain/optimizer/momentum.ts"
export { OptimizerSettings, type OptimizerState, optimize, optimizerState } from "./domain/optimizer/Optimizer.ts"
export { movedByDecay, parameterAverage } from "./domain/optimizer/parameterAverage.ts"
export { Results } from "./domain/report/Results.ts"
export {
  bundledPlan,
  decodePlan,
  type PlannedRun,
  plannedRuns,
  ReproductionPlan
} from "./domain/reproduction/ReproductionPlan.ts"
export { type BackendName, UnknownBackendError } from "./layers/backend/choice/backendNamed.ts"
export type { EngineName } from "./layers/backend/choice/engines.ts"
export type { Device, Presence } from "./layers/backend/choice/Presence.ts"
export type { OnnxProviderName } from "./layers/backend/onnx/providers.ts"
export { BackendError, type Executable, type StepCall, TensorBackend } from "./layers/backend/TensorBackend.ts"
export { type Checkpoint, CheckpointError, CheckpointStore } from "./layers/checkpoint/CheckpointStore.ts"
export { ClassifierStore } from "./layers/checkpoint/ClassifierStore.ts"
export { DivergedStates } from "./layers/checkpoint/DivergedStates.ts"
export { Milestones } from "./layers/checkpoint/Milestones.ts"
export { Dataset, DatasetError } from "./layers/dataset/Dataset.ts"
export type { PictureFolderOptions } from "./layers/dataset/folder/pictureFolder.ts"
export { PictureError, Pictures } from "./layers/figure/Pictures.ts"
export { FolderLock, FolderLockError, FolderLockedError } from "./layers/lock/FolderLock.ts"
export { LockLostError } from "./layers/lock/LockLostError.ts"
export { TrainingLog, TrainingLogError } from "./layers/log/TrainingLog.ts"
/** Implementations of `TensorBackend`, and how one is chosen: by name, by what is there, or after asking `doctor`. */
export * as Backends from "./namespaces/Backends.ts"
/** Implementations of `CheckpointStore`, and of the stores of `Milestones` and the classifier beside it. */
export * as Checkpoints from "./namespaces/Checkpoints.ts"
/** Data: named arrays in memory or as streams, in batches. */
export * as Data from "./namespaces/Data.ts"
/** Implementations of `Dataset`, and how batches are drawn from one. */
export * as Datasets from "./namespaces/Datasets.ts"
/** Measuring samples against real pictures, by a classifier that is trained for it. */
export * as Evaluation from "./namespaces/Evaluation.ts"
/** Models for other programs, and parameters from them. */
export * as Exchange from "./namespaces/Exchange.ts"
/** Implementations of `TrainingLog`; several are joined by `TrainingLog.all`. */
export * as Logs from "./namespaces/Logs.ts"
/** Optimizers: gradient transformations that chain, and schedules. */
export * as Optim from "./namespaces/Optim.ts"
/** Implementations of `Pictures`. */
export * as PictureWriters from "./namespaces/PictureWriters.ts"
/** Programs made from functions, and what their states are made of. */
export * as Program from "./namespaces/Program.ts"
/** Holding a run's folder, and computing a run again to compare it with its records. */
export * as Runs from "./namespaces/Runs.ts"
/** Pictures from trained generators. */
export * as Sampling from "./namespaces/Sampling.ts"
/** Training runs as streams of progress, and the operators that make them log, checkpoint and draw. */
export * as Training from "./namespaces/Training.ts"
export { DivergedError } from "./programs/DivergedError.ts"
export { NoCheckpointError, type OpenCheckpoint } from "./programs/openCheckpoint.ts"
export { type OpenRun, openRun } from "./programs/openRun.ts"
export { readResults } from "./programs/readResults.ts"
export { NothingToCompareError, ReplayDifferenceError } from "./programs/replay/ReplayError.ts"
export { type Reproduction, reportOf } from "./programs/reproduction/reportOf.ts"
export { trainPlanned } from "./programs/reproduction/trainPlanned.ts"
export { type DrawPictures, runExperiment } from "./programs/runExperiment.ts"
export type { Snapshot, TrainingProgress } from "./programs/Training.ts"
export { trainWithFigures } from "./programs/trainWithFigures.ts"
export type { FileReport, FileState } from "./programs/verify/FileState.ts"
export { VerifyError, verifyFolder } from "./programs/verify/verifyFolder.ts"
export { CollapsedError } from "./programs/watchCollapse.ts"
