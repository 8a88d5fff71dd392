import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { drawsStepByStep, type ExportedNetwork } from "../../domain/exchange/exportedNetworks.ts"
import type { Playable, PlayedLabel } from "../../domain/exchange/Playable.ts"
import { playPage } from "../../domain/exchange/playPage.ts"
import type { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { samplingGenerator, samplingStream } from "../../domain/experiment/sampling.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import type { Program } from "../../domain/program/Program.ts"
import { formatShape } from "../../domain/tensor/Shape.ts"
import type { Tensor } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import type { CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { type FileWriteError, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { onnxFileFormat } from "../../layers/onDemand.ts"
import { packedText } from "../../layers/page/packed.ts"
import { pageScript } from "../../layers/page/pageScript.ts"
import { readWebEngine, type WebEngineError, webEngineName } from "../../layers/page/webEngine.ts"
import { type NoCheckpointError, openCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { ExportError, exportedPlayers } from "./exportModel.ts"
import { checkedSampler } from "./exportProgram.ts"

/**
 * Writes the newest checkpoint's generator as one HTML page at `path` that anyone plays with: it carries the model and the engine, and runs
 * from a file. What it draws of a seed is what `sampleImages` draws, in float32.
 * Fails with an `ExportError` if the checkpoint's parameters are not the model's, and with a `WebEngineError` if
 * onnxruntime-web is not installed.
 */
export const exportPage = Effect.fn("Exchange.exportPage")(function* (
  path: string
): Effect.fn.Return<
  PageWritten,
  ExportError | NoCheckpointError | CheckpointError | SettingsError | FileWriteError | WebEngineError,
  CheckpointStore | FileSystem.FileSystem | Path.Path
> {
  const { model, settings, tensors: state, update } = yield* openCheckpoint
  const tensors = { ...state, ...samplingGenerator(state) }
  const [generator] = yield* exportedPlayers(model, tensors, drawsStepByStep(model))
  if (generator === undefined) return yield* new ExportError({ model: model.name, problem: "it has no generator" })
  const filters = writeFiltersOf(settings)
  const { windows } = generator.player.program.outputs
  const [, count = 0] = windows?.shape ?? []
  return yield* writePage(path, generator.player, tensors, {
    title: generator.player.name,
    origin: originOf(update),
    latents: latentsOf(generator.player, (name) => `${samplingStream}/${name}`),
    labels: [],
    output: { name: "images", kind: "images" },
    ...(filters === undefined || windows === undefined ? {} : { steps: { count, filters } })
  })
})

/**
 * Writes a sampler of one's own as such a page: it must give `images`, `[batch, channels, B, A]`, or points of the plane, `[batch, 2]`. Its inputs,
 * beside random numbers, must be classes: whole numbers `[batch]`, or `[batch, classes]` with a one in one place.
 * Fails with an `ExportError` that says what a page cannot show or ask for, and as `exportProgram` does.
 */
export const exportSamplerPage = Effect.fn("Exchange.exportSamplerPage")(function* (
  sampler: (batch: number) => Program,
  tensors: NamedTensors,
  { path, update }: { readonly path: string; readonly update: number }
): Effect.fn.Return<PageWritten, ExportError | FileWriteError | WebEngineError, FileSystem.FileSystem | Path.Path> {
  const network = yield* checkedSampler(sampler, tensors)
  const failed = (problem: string) => new ExportError({ model: network.name, problem })
  const { inputs, outputs } = sampler(1)
  const output = shownOutput(outputs)
  if (output === undefined) {
    const given = Object.entries<Tensor>(outputs).map(
      ([name, { shape }]) => `${quotedText(name)} ${formatShape(shape)}`
    )
    return yield* failed(
      `a page shows images [batch, channels, B, A] of 1 or 3 channels, or points [batch, 2], and it gives ${given.join(", ")} for a batch of 1`
    )
  }
  const labels: Array<PlayedLabel> = []
  for (const [name, { shape }] of Object.entries<Tensor>(inputs)) {
    const [, classes] = shape
    if (shape.length > 2) {
      return yield* failed(
        `a page asks for classes, [batch] or [batch, classes], and its input ${quotedText(name)} is ${formatShape(shape)} for a batch of 1`
      )
    }
    labels.push(classes === undefined ? { name } : { name, classes })
  }
  return yield* writePage(path, network, tensors, {
    title: network.name,
    origin: originOf(update),
    latents: latentsOf(network, (name) => name),
    labels,
    output
  })
})

/** What was written, and of what size. */
export interface PageWritten {
  readonly path: string
  readonly bytes: number
  /** How many of the bytes are the engine's. */
  readonly engineBytes: number
}

const originOf = (update: number): string =>
  `Trained for ${formatCount(update)} ${update === 1 ? "update" : "updates"} by fovea ${libraryVersion}. The model and the engine are in this page: nothing is loaded, and nothing leaves it.`

const latentsOf = ({ latents }: ExportedNetwork, streamOf: (name: string) => string): Playable["latents"] =>
  latents.map(({ name, batchAxis, sizes, distribution }) => ({
    name,
    stream: streamOf(name),
    batchAxis,
    sizes,
    distribution
  }))

/** The output that a page shows: `images`, or the only one that can be shown. */
const shownOutput = (outputs: Readonly<Record<string, Tensor>>): Playable["output"] | undefined => {
  const shown = Object.entries(outputs).flatMap(([name, { shape }]): ReadonlyArray<Playable["output"]> => {
    if (shape.length === 4 && (shape[1] === 1 || shape[1] === 3)) return [{ name, kind: "images" }]
    return shape.length === 2 && shape[1] === 2 ? [{ name, kind: "points" }] : []
  })
  return shown.find(({ name }) => name === "images") ?? (shown.length === 1 ? shown[0] : undefined)
}

const writePage = Effect.fnUntraced(function* (
  path: string,
  network: ExportedNetwork,
  tensors: NamedTensors,
  playable: Playable
) {
  const { module, wasm } = yield* readWebEngine
  const script = yield* pageScript("play")
  const { onnxFile } = yield* onnxFileFormat
  const description = `${playable.title}, exported by fovea ${libraryVersion}`
  const model = yield* Effect.sync(() =>
    onnxFile(network, tensors, { libraryVersion, description, metadata: { model: network.name } })
  )
  const packedEngine = yield* packedText(wasm)
  const text = playPage({
    playable,
    script,
    engine: { name: webEngineName, module, wasm: packedEngine },
    model: yield* packedText(model)
  })
  const bytes = new TextEncoder().encode(text)
  yield* writeFileAtomically(path, bytes)
  const written: PageWritten = { path, bytes: bytes.length, engineBytes: packedEngine.length + module.length }
  return written
})
