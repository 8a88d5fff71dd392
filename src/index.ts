// The package's public entry: models, training, and the layers that run them. The tensor language is "fovea/tensor".
import { backendNamed, backendNames } from "./layers/backend/choice/backendNamed.ts"
import { layerAuto } from "./layers/backend/choice/layerAuto.ts"
import { layerOnnxRuntime, layerOnnxRuntimeWith } from "./layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "./layers/backend/reference.ts"
import { layerTfjsCpu, layerTfjsNode, layerTfjsNodeGpu, layerTfjsWasm } from "./layers/backend/tfjs/tfjs.ts"
import { layerClassifier, layerClassifierMemory } from "./layers/checkpoint/ClassifierStore.ts"
import { layerDivergedStates, layerDivergedStatesMemory } from "./layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "./layers/checkpoint/fileSystem.ts"
import { layerMilestones, layerMilestonesMemory } from "./layers/checkpoint/Milestones.ts"
import { layerMemory as layerCheckpointMemory } from "./layers/checkpoint/memory.ts"
import { batches } from "./layers/dataset/batches.ts"
import { layerCifar10 } from "./layers/dataset/cifar10.ts"
import { layerFashionMnist } from "./layers/dataset/fashionMnist.ts"
import { layerPictureFolder } from "./layers/dataset/folder/pictureFolder.ts"
import { layerIdxFolder } from "./layers/dataset/idxFolder.ts"
import { layerMnist } from "./layers/dataset/mnist.ts"
import { layerSeveralDigits } from "./layers/dataset/severalDigits.ts"
import { layerSynthetic } from "./layers/dataset/synthetic.ts"
import { layerSharp } from "./layers/figure/sharp.ts"
import { holdFolder, layerFolderLock } from "./layers/lock/FolderLock.ts"
import { layerJsonLines } from "./layers/log/jsonLines.ts"
import { layerMemory as layerLogMemory } from "./layers/log/memory.ts"
import { layerOpenTelemetry } from "./layers/log/openTelemetry.ts"
import { readJsonLines } from "./layers/log/readJsonLines.ts"
import { layerSilent } from "./layers/log/silent.ts"
import { layerTensorBoard } from "./layers/log/tensorBoard.ts"
import { layerTerminal } from "./layers/log/terminal.ts"
import { classify } from "./programs/classifier/classify.ts"
import { openClassifier } from "./programs/classifier/openClassifier.ts"
import { doctor } from "./programs/doctor.ts"
import { doctorTable } from "./programs/doctorTable.ts"
import { openReference } from "./programs/evaluation/EvaluationReference.ts"
import { measureBound } from "./programs/evaluation/measureBound.ts"
import { measureCourse, measureSamples } from "./programs/evaluation/measurePictures.ts"
import { measureReferences } from "./programs/evaluation/measureReferences.ts"
import { measureWindows } from "./programs/evaluation/measureWindows.ts"
import { exportModel } from "./programs/exportModel.ts"
import { importParameters } from "./programs/importParameters.ts"
import { openCheckpoint } from "./programs/openCheckpoint.ts"
import { sampleSheet } from "./programs/paperFigures.ts"
import { recordOfRun } from "./programs/replay/RunRecord.ts"
import { replayRun } from "./programs/replay/replayRun.ts"
import { samplePictures, sampleTrajectories } from "./programs/Sampling.ts"
import { at, checkpointEvery, every, logEvery } from "./programs/Training.ts"
import { trainingSteps } from "./programs/trainingSteps.ts"
import { initialState, trainModel } from "./programs/trainModel.ts"
import { watchCollapse } from "./programs/watchCollapse.ts"
import { watchNumbers } from "./programs/watchNumbers.ts"

/** Training runs as streams of progress, and the operators that make them log, checkpoint and draw. */
export const Training = {
  run: trainModel,
  steps: trainingSteps,
  initialState,
  at,
  every,
  logEvery,
  checkpointEvery,
  watchNumbers,
  watchCollapse
}

/** Pictures from trained generators. */
export const Sampling = {
  openCheckpoint,
  pictures: samplePictures,
  trajectories: sampleTrajectories,
  sheet: sampleSheet
}

/** Measuring samples against real pictures, by a classifier that is trained for it. */
export const Evaluation = {
  openClassifier,
  classify,
  openReference,
  measureSamples,
  measureCourse,
  measureReferences,
  measureBound,
  measureWindows
}

/** Holding a run's folder, and computing a run again to compare it with its records. */
export const Runs = { hold: holdFolder, lock: layerFolderLock, recordOf: recordOfRun, replay: replayRun }

/** Models for other programs, and parameters from them. */
export const Exchange = { exportModel, importParameters }

/** Implementations of `TensorBackend`, and how one is chosen: by name, by what is there, or after asking `doctor`. */
export const Backends = {
  named: backendNamed,
  names: backendNames,
  auto: layerAuto,
  doctor,
  doctorTable,
  onnxRuntime: layerOnnxRuntime,
  onnxRuntimeWith: layerOnnxRuntimeWith,
  reference: layerReference,
  tfjsCpu: layerTfjsCpu,
  tfjsWasm: layerTfjsWasm,
  tfjsNode: layerTfjsNode,
  tfjsNodeGpu: layerTfjsNodeGpu
}

/** Implementations of `Dataset`, and how batches are drawn from one. */
export const Datasets = {
  mnist: layerMnist,
  fashionMnist: layerFashionMnist,
  cifar10: layerCifar10,
  idxFolder: layerIdxFolder,
  pictureFolder: layerPictureFolder,
  severalDigits: layerSeveralDigits,
  synthetic: layerSynthetic,
  batches
}

/** Implementations of `CheckpointStore`, and of the stores of `Milestones` and the classifier beside it. */
export const Checkpoints = {
  fileSystem: layerFileSystem,
  memory: layerCheckpointMemory,
  milestones: layerMilestones,
  milestonesInMemory: layerMilestonesMemory,
  divergedStates: layerDivergedStates,
  divergedStatesInMemory: layerDivergedStatesMemory,
  classifier: layerClassifier,
  classifierInMemory: layerClassifierMemory
}

/** Implementations of `TrainingLog`; several are joined by `TrainingLog.all`. */
export const Logs = {
  terminal: layerTerminal,
  jsonLines: layerJsonLines,
  memory: layerLogMemory,
  silent: layerSilent,
  tensorBoard: layerTensorBoard,
  openTelemetry: layerOpenTelemetry,
  readJsonLines
}

/** Implementations of `Pictures`. */
export const PictureWriters = { sharp: layerSharp }

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
export { gatedCellParameters, gatedCellWithHidden, gatedStep } from "./domain/network/gatedCell.ts"
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
