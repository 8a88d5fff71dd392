import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import {
  drawsStepByStep,
  exportedDiscriminator,
  exportedGenerator,
  exportedInference
} from "../../domain/exchange/exportedNetworks.ts"
import { tensorMismatch } from "../../domain/exchange/importedTensors.ts"
import type { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { samplingGenerator } from "../../domain/experiment/sampling.ts"
import type { TrainableModel } from "../../domain/model/TrainableModel.ts"
import { firstNotFinite } from "../../domain/tensor/notFinite.ts"
import { type NamedTensors, tensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import type { CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { type FileWriteError, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { onnxFileFormat } from "../../layers/onDemand.ts"
import { type NoCheckpointError, openCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { libraryVersion } from "../libraryVersion.ts"

/** A model cannot be exported as asked. */
export class ExportError extends Schema.TaggedError<ExportError>()("ExportError", {
  model: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.model} cannot be exported: ${this.problem}`
  }
}

/** Where to export to, and how much. */
export interface ExportOptions {
  /** The folder of the files; made if missing. Files of the same names in it are replaced. */
  readonly directory: string
  /** Whether the generator also tells how its images came about. */
  readonly trajectory: boolean
}

/**
 * Writes the newest checkpoint's model for other programs, and returns the paths: `generator.onnx` (the average of G where there is one), and beside it
 * `discriminator.onnx` of an adversarial model or `inference.onnx` of a variational one. Of a checkpoint that holds the
 * generator alone (a milestone) only the generator is written.
 * Fails with an `ExportError` if the checkpoint's parameters are not the model's, or if a trajectory is asked of a model
 * that does not draw step by step.
 */
export const exportModel = Effect.fn("Exchange.exportModel")(function* ({
  directory,
  trajectory
}: ExportOptions): Effect.fn.Return<
  ReadonlyArray<string>,
  ExportError | NoCheckpointError | CheckpointError | SettingsError | FileWriteError,
  CheckpointStore | FileSystem.FileSystem | Path.Path
> {
  const { model, settings, tensors: state, update, seed } = yield* openCheckpoint
  const tensors = { ...state, ...samplingGenerator(state) }
  const metadata = { model: model.name, update: String(update), seed: String(seed), settings: JSON.stringify(settings) }
  const files = yield* exportedPlayers(model, tensors, trajectory)
  const { onnxFile } = yield* onnxFileFormat
  return yield* Effect.forEach(files, ({ name, player }) => {
    const description = `${player.name} after ${update} updates, exported by fovea ${libraryVersion}`
    const path = `${directory}/${name}.onnx`
    return Effect.suspend(() =>
      writeFileAtomically(path, onnxFile(player, tensors, { libraryVersion, description, metadata }))
    ).pipe(Effect.as(path))
  })
})

/** What is to be written, once it is certain that the checkpoint's parameters are those of the model. */
export const exportedPlayers = Effect.fnUntraced(function* (
  model: TrainableModel,
  tensors: NamedTensors,
  trajectory: boolean
) {
  const failed = (problem: string) => new ExportError({ model: model.name, problem })
  if (trajectory && !drawsStepByStep(model)) {
    return yield* failed("it does not draw step by step, so there is no trajectory; leave --trajectory out")
  }
  const generator = { name: "generator", player: exportedGenerator(model, { trajectory }) }
  const holds = (part: string): boolean => Object.keys(tensors).some((path) => path.startsWith(`${part}.`))
  const other =
    model.objective === "adversarial"
      ? { name: "discriminator", part: "discriminator", player: exportedDiscriminator(model) }
      : { name: "inference", part: "encoder", player: exportedInference(model) }
  const files = holds(other.part) ? [generator, other] : [generator]
  for (const { player } of files) {
    const misfit = tensorMismatch(player.program.state, tensors)
    if (misfit !== undefined) return yield* failed(`the checkpoint does not fit the model: ${misfit.message}`)
  }
  // A checkpoint's numbers are finite, but those of the reference backend are float64.
  const large = firstNotFinite(mapRecord(tensors, ({ shape, values }) => tensorData(shape, Float32Array.from(values))))
  if (large !== undefined) return yield* failed(`a number of ${quotedText(large.path)} is beyond float32`)
  return files
})
