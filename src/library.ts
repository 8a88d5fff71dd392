// What the entries "fovea" and "fovea/browser" have in common: all that runs wherever JavaScript does.

export { filterbank } from "./domain/attention/filterbank.ts"
export { read } from "./domain/attention/read.ts"
export {
  type AttentionWindow,
  blurred,
  overlapping,
  type WindowFrame,
  windowFrom,
  windowTable
} from "./domain/attention/window.ts"
export { write } from "./domain/attention/write.ts"
export type { Retention } from "./domain/checkpoint/retention.ts"
export { gatherImages, type ImageSet, pixelMarginals } from "./domain/data/Images.ts"
export { type LabelledImages, LabelsError, labelledImages } from "./domain/data/LabelledImages.ts"
export { encodeNpy } from "./domain/data/npy.ts"
export { type PlacementSettings, type SeveralDigits, severalDigits } from "./domain/data/severalDigits.ts"
export { adversarialProgram, adversarialState } from "./domain/experiment/adversarialTraining.ts"
export { ClassifierExperiment, classifierPreset } from "./domain/experiment/ClassifierExperiment.ts"
export { decaysOver } from "./domain/experiment/decaysOver.ts"
export { ExperimentSettings, SettingsError } from "./domain/experiment/ExperimentSettings.ts"
export { adversarialPreset, presetNames, settingsFrom } from "./domain/experiment/presets.ts"
export { imagesProgram, samplingGenerator, trainedGenerator, trajectoryProgram } from "./domain/experiment/sampling.ts"
export type { TrainingEvent } from "./domain/experiment/TrainingEvent.ts"
export {
  AdversarialTrainingSettings,
  TrainingSettings,
  VariationalTrainingSettings
} from "./domain/experiment/TrainingSettings.ts"
export { type TrainingOptions, trainingProgram, trainingState } from "./domain/experiment/trainingProgram.ts"
export {
  elboProgram,
  reconstructionProgram,
  variationalProgram,
  variationalState
} from "./domain/experiment/variationalTraining.ts"
export { type AttentionGan, attentionGan } from "./domain/model/attention-gan/AttentionGan.ts"
export { AttentionGanSettings } from "./domain/model/attention-gan/AttentionGanSettings.ts"
export { generateImages, generateImagesByPlan } from "./domain/model/attention-gan/attentionGenerator.ts"
export { type ClassifierModel, classifierModel } from "./domain/model/classifier/Classifier.ts"
export { type Dcgan, dcgan } from "./domain/model/dcgan/Dcgan.ts"
export { DcganSettings } from "./domain/model/dcgan/DcganSettings.ts"
export { type Draw, draw } from "./domain/model/draw/Draw.ts"
export { DrawSettings } from "./domain/model/draw/DrawSettings.ts"
export type {
  ApplyContext,
  Generation,
  GenerativeModel,
  ImageFormat,
  Trajectory
} from "./domain/model/GenerativeModel.ts"
export { type GoodfellowGan, goodfellowGan } from "./domain/model/gan/GoodfellowGan.ts"
export { GoodfellowGanSettings } from "./domain/model/gan/GoodfellowGanSettings.ts"
export { type LatentPlan, standardLatents } from "./domain/model/latentPlan.ts"
export { type ModelSettings, modelOf } from "./domain/model/modelOf.ts"
export type { AdversarialModel, Objective, TrainableModel } from "./domain/model/TrainableModel.ts"
export type { Posterior, VariationalModel } from "./domain/model/VariationalModel.ts"
export { type Vae, vae } from "./domain/model/vae/Vae.ts"
export { VaeSettings } from "./domain/model/vae/VaeSettings.ts"
export { type ActivationName, activations, gelu, leakyRelu, silu } from "./domain/nn/activation.ts"
export {
  type BatchNorm,
  batchNormEval,
  batchNormParameters,
  batchNormTrain
} from "./domain/nn/batchNorm.ts"
export { binarised } from "./domain/nn/binarise.ts"
export {
  type Convolution,
  convolution,
  convolutionParameters,
  stride2SamePadding,
  transposedConvolution,
  transposedConvolutionParameters
} from "./domain/nn/convolution.ts"
export { dropout } from "./domain/nn/dropout.ts"
export { type Embedding, embedding, embeddingParameters } from "./domain/nn/embedding.ts"
export {
  groupNormalisation,
  groupNormalisationParameters,
  layerNormalisation,
  layerNormalisationParameters,
  type Normalisation
} from "./domain/nn/groupNormalisation.ts"
export { gruCellParameters, gruStep } from "./domain/nn/gruCell.ts"
export { initialisedBy } from "./domain/nn/initialisedBy.ts"
export { type Linear, linear, linearParameters } from "./domain/nn/linear.ts"
export { maxout, maxoutParameters } from "./domain/nn/maxout.ts"
export { type Activation, identity, type Mlp, mlp, mlpParameters } from "./domain/nn/mlp.ts"
export {
  type Initialiser,
  initialise,
  type ParameterSpec,
  parameterCount,
  parameterPlaceholders
} from "./domain/nn/parameter.ts"
export {
  type RecurrentCell,
  simpleRnnCellParameters,
  simpleRnnStep
} from "./domain/nn/simpleRnnCell.ts"
export { type SpectralNorm, spectralNorm, spectralVectors } from "./domain/nn/spectralNorm.ts"
export {
  discriminatorLoss,
  generatedAccuracy,
  generatorLoss,
  gradientPenalty,
  realAccuracy
} from "./domain/objective/adversarial.ts"
export { accuracy, crossEntropy } from "./domain/objective/crossEntropy.ts"
export { energyDistance } from "./domain/objective/energyDistance.ts"
export { bernoulliLogLikelihood, gaussianKl, reparameterize } from "./domain/objective/variational.ts"
export { AdamSettings, MomentumSettings, OptimizerSettings, optimizerOf } from "./domain/optim/OptimizerSettings.ts"
export { BackendError, TensorBackend } from "./layers/backend/TensorBackend.ts"
export { type Checkpoint, CheckpointError, CheckpointStore } from "./layers/checkpoint/CheckpointStore.ts"
export { Dataset, DatasetError } from "./layers/dataset/Dataset.ts"
export { ImageWriteError, ImageWriter } from "./layers/image/ImageWriter.ts"
export { TrainingLog, TrainingLogError } from "./layers/log/TrainingLog.ts"
/** Optimizers: gradient transformations that chain, and schedules. */
export * as Optim from "./namespaces/Optim.ts"
/** Programs made from functions, and what their states are made of. */
export * as Program from "./namespaces/Program.ts"
/** Images from trained generators. */
export * as Sampling from "./namespaces/Sampling.ts"
export { NoCheckpointError, type OpenCheckpoint } from "./programs/checkpoint/openCheckpoint.ts"
export { DivergedError } from "./programs/training/DivergedError.ts"
export type { Snapshot, TrainingProgress } from "./programs/training/Training.ts"
export { CollapsedError } from "./programs/training/watchCollapse.ts"
