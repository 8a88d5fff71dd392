import * as Effect from "effect/Effect"
import { imagesProgram, trajectoryProgram } from "../../domain/experiment/sampling.ts"
import { samplingGenerator } from "../../domain/experiment/samplingGenerator.ts"
import type { WindowGeometry } from "../../domain/image/windowOutline.ts"
import type { GenerativeModel } from "../../domain/model/GenerativeModel.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { runSampler } from "./runSampler.ts"

// Fixed, so that sample i of a seed is the same however many are asked for.
const batch = 100

/**
 * Draws images from a trained generator: `[count, channels, B, A]` in [0, 1]. `parameters` is a training state or any
 * part of it that holds `generator.*`; where it holds the average of G as well, that is drawn from. Image i depends on the seed and i alone.
 */
export const sampleImages = Effect.fn("Sampling.images")(function* (
  model: GenerativeModel,
  parameters: NamedTensors,
  options: { readonly count: number; readonly seed: number }
): Effect.fn.Return<TensorData, BackendError, TensorBackend> {
  const { images } = yield* runSampler(imagesProgram(model, batch), samplingGenerator(parameters), options)
  return tensorData(images.shape, images.values.map(withinUnit))
})

// A canvas without a link can leave the range of images.
const withinUnit = (value: number): number => Math.min(Math.max(value, 0), 1)

/** How the first images of `sampleImages` came about. */
export interface SampledTrajectories {
  /** c_0, then the canvas after each step, each `[count, channels, B, A]`. */
  readonly canvases: ReadonlyArray<TensorData>
  /** For each step t = 1..T, the window of every image. */
  readonly windows: ReadonlyArray<ReadonlyArray<WindowGeometry>>
}

/** Follows the first `count` images `[count, channels, B, A]` that `images` draws with the same seed, step by step. */
export const sampleTrajectories = Effect.fn("Sampling.trajectories")(function* (
  model: GenerativeModel,
  parameters: NamedTensors,
  { count, seed }: { readonly count: number; readonly seed: number }
): Effect.fn.Return<SampledTrajectories, BackendError, TensorBackend> {
  const backend = yield* TensorBackend
  const canvases: Array<Array<TensorData>> = []
  const windows: Array<Array<WindowGeometry>> = []
  yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* backend.compile(trajectoryProgram(model, batch), samplingGenerator(parameters))
      for (let first = 0; first < count; first += batch) {
        yield* executable.step({ inputs: {}, noise: { seed, step: first / batch } })
        const outputs = yield* executable.readOutputs
        const wanted = Math.min(batch, count - first)
        for (const [t, canvas] of slices(outputs.canvases).entries()) {
          canvases[t] = [...(canvases[t] ?? []), firstOf(canvas, wanted)]
        }
        for (const [t, table] of slices(outputs.windows).entries()) {
          const followed = slices(firstOf(table, wanted)).map(({ values }) => geometryOf(values))
          windows[t] = [...(windows[t] ?? []), ...followed]
        }
        yield* Effect.yieldNow
      }
    })
  )
  return { canvases: canvases.map(joined), windows }
})

/** Tensors of one kind of samples, `[n, ..]` each, one behind the other. */
const joined = (parts: ReadonlyArray<TensorData>): TensorData => {
  const [, ...image] = parts[0]?.shape ?? []
  const count = parts.reduce((total, { shape }) => total + (shape[0] ?? 0), 0)
  const values = new Float32Array(count * sizeOf(image))
  let at = 0
  for (const part of parts) {
    values.set(part.values, at)
    at += part.values.length
  }
  return tensorData([count, ...image], values)
}

/** A tensor's parts along its first axis. */
const slices = ({ shape, values }: TensorData): ReadonlyArray<TensorData> => {
  const size = sizeOf(shape.slice(1))
  return Array.from({ length: shape[0] ?? 0 }, (_, i) =>
    tensorData(shape.slice(1), values.slice(i * size, (i + 1) * size))
  )
}

const firstOf = ({ shape, values }: TensorData, count: number): TensorData =>
  tensorData([count, ...shape.slice(1)], values.slice(0, count * sizeOf(shape.slice(1))))

const geometryOf = ([centreX = 0, centreY = 0, stride = 0, sigma = 0]: TensorData["values"]): WindowGeometry => ({
  centreX,
  centreY,
  stride,
  sigma
})
