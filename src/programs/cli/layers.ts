import * as Layer from "effect/Layer"
import type { DatasetSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { layerOnnxRuntime } from "../../layers/backend/onnx/onnxRuntime.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { layerMilestones } from "../../layers/checkpoint/Milestones.ts"
import { layerIdxFolder } from "../../layers/dataset/idxFolder.ts"
import { layerMnist } from "../../layers/dataset/mnist.ts"
import { layerSynthetic } from "../../layers/dataset/synthetic.ts"
import { layerSharp } from "../../layers/figure/sharp.ts"
import { layerJsonLines } from "../../layers/log/jsonLines.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { layerTerminal } from "../../layers/log/terminal.ts"

/** Where a run keeps what. All paths lie in its folder. */
export interface RunFolder {
  readonly folder: string
  readonly checkpoints: string
  readonly milestones: string
  readonly log: string
  readonly figures: string
}

export const runFolder = (folder: string): RunFolder => ({
  folder,
  checkpoints: `${folder}/checkpoints`,
  milestones: `${folder}/milestones`,
  log: `${folder}/log.jsonl`,
  figures: `${folder}/figures`
})

/** The data set that settings name. */
export const datasetLayer = (settings: DatasetSettings) => {
  switch (settings.kind) {
    case "mnist":
      return layerMnist
    case "idx":
      return layerIdxFolder({ directory: settings.directory })
    case "synthetic":
      return layerSynthetic({ ...settings, channels: 1, seed: 0 })
  }
}

type LogServices = Layer.Services<typeof layerTerminal> | Layer.Services<ReturnType<typeof layerJsonLines>>

/** Everything a run in a folder needs. */
export const runLayers = ({ checkpoints, milestones, log }: RunFolder, dataset: DatasetSettings) =>
  Layer.mergeAll(
    datasetLayer(dataset),
    layerOnnxRuntime,
    layerFileSystem({ directory: checkpoints }),
    layerMilestones({ directory: milestones }),
    TrainingLog.all<TrainingLogError, LogServices>([layerTerminal, layerJsonLines(log)]),
    layerSharp
  )
