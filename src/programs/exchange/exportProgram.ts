import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { exchangedSampler } from "../../domain/exchange/exportedNetworks.ts"
import { tensorMismatch } from "../../domain/exchange/importedTensors.ts"
import type { Program } from "../../domain/program/Program.ts"
import { held } from "../../domain/record/own.ts"
import { firstNotFinite } from "../../domain/tensor/notFinite.ts"
import { type NamedTensors, tensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { type FileWriteError, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { onnxFileFormat } from "../../layers/onDemand.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { ExportError } from "./exportModel.ts"

/**
 * Writes a sampler as an `.onnx` file of standard operators, for any batch: its inputs are the program's and the random numbers of
 * its keys, its outputs the program's. `sampler` gives the program of a batch size; of `tensors`, a training's state say, those
 * that its state names are written with it.
 *
 * Fails with an `ExportError` that names path and shapes if the tensors do not fit, or path and number if one is not finite; a sampler that changes its state, or whose graph
 * differs between batches in more than sizes, is a defect (`ProgramError`).
 *
 * @example
 * ```ts
 * import * as NodeServices from "@effect/platform-node/NodeServices"
 * import * as Effect from "effect/Effect"
 * import { Exchange, linear, linearParameters, Program } from "fovea"
 *
 * const sampler = (batch: number) =>
 *   Program.make("points on a line", {
 *     state: { line: linearParameters(1, 2) },
 *     step: ({ line }, _, key) => ({ outputs: { points: linear(line, key("z").normal([batch, 1])) } })
 *   })
 * const tensors = Program.initialState(sampler(1), 7)
 * await Effect.runPromise(Effect.provide(Exchange.exportProgram(sampler, tensors, "line.onnx"), NodeServices.layer))
 * ```
 */
export const exportProgram = Effect.fn("Exchange.exportProgram")(function* (
  sampler: (batch: number) => Program,
  tensors: NamedTensors,
  path: string
): Effect.fn.Return<void, ExportError | FileWriteError, FileSystem.FileSystem | Path.Path> {
  const exchanged = yield* checkedSampler(sampler, tensors)
  const description = `${exchanged.name}, exported by fovea ${libraryVersion}`
  const { onnxFile } = yield* onnxFileFormat
  const file = onnxFile(exchanged, tensors, { libraryVersion, description, metadata: { model: exchanged.name } })
  yield* writeFileAtomically(path, file)
})

/** A sampler as a network for other programs, once it is certain that the tensors are those of its state. Fails as `exportProgram` does. */
export const checkedSampler = Effect.fnUntraced(function* (sampler: (batch: number) => Program, tensors: NamedTensors) {
  const exchanged = exchangedSampler(sampler)
  const failed = (problem: string) => new ExportError({ model: exchanged.name, problem })
  const { state } = exchanged.program
  const misfit = tensorMismatch(state, tensors)
  if (misfit !== undefined) return yield* failed(misfit.message)
  const broken = firstNotFinite(
    mapRecord(state, ({ shape }, name: string) => tensorData(shape, Float32Array.from(held(tensors, name).values)))
  )
  if (broken !== undefined) return yield* failed(`${quotedText(broken.path)} holds ${broken.value} as float32`)
  return exchanged
})
