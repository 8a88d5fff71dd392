import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { exchangedSampler } from "../../domain/exchange/exportedNetworks.ts"
import { tensorMismatch } from "../../domain/exchange/importedTensors.ts"
import type { Program } from "../../domain/program/Program.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { type FileWriteError, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { onnxFileFormat } from "../../layers/onDemand.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { ExportError } from "./exportModel.ts"

/**
 * Writes a sampler as an `.onnx` file of standard operators, for any batch: its inputs are the program's and the random numbers of
 * its keys, its outputs the program's. `sampler` gives the program of a batch size; of `tensors`, a training's state say, those
 * that its state names are written with it.
 *
 * Fails with an `ExportError` that names path and shapes if the tensors do not fit; a sampler that changes its state, or whose graph
 * differs between batches in more than sizes, is a defect (`ProgramError`).
 */
export const exportProgram = Effect.fn("Exchange.exportProgram")(function* (
  sampler: (batch: number) => Program,
  tensors: NamedTensors,
  path: string
): Effect.fn.Return<void, ExportError | FileWriteError, FileSystem.FileSystem | Path.Path> {
  const exchanged = exchangedSampler(sampler)
  const misfit = tensorMismatch(exchanged.program(1).state, tensors)
  if (misfit !== undefined) return yield* new ExportError({ model: exchanged.name, problem: misfit.message })
  const description = `${exchanged.name}, exported by fovea ${libraryVersion}`
  const { onnxFile } = yield* onnxFileFormat
  const file = onnxFile(exchanged, tensors, { libraryVersion, description, metadata: { model: exchanged.name } })
  yield* writeFileAtomically(path, file)
})
