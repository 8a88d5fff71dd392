import * as Effect from "effect/Effect"
import { imagesProgram, samplingGenerator, trajectoryProgram } from "../../domain/experiment/sampling.ts"
import type { WindowGeometry } from "../../domain/image/windowOutline.ts"
import type { GenerativeModel } from "../../domain/model/GenerativeModel.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { runKnownSampler } from "./runSampler.ts"

/**
 * Draws images from a trained generator: `[count, channels, B, A]` in [0, 1]. `parameters` is a training state or any
 * part of it that holds `generator.*`; where it holds the average of G as well, that is drawn from. Image i depends on the seed and i alone.
 */
export const sampleImages = Effect.fn("Sampling.images")(function* (
  model: GenerativeModel,
  parameters: NamedTensors,
  options: { readonly count: number; readonly seed: number }
): Effect.fn.Return<TensorData, BackendError, TensorBackend> {
  const { images } = yield* runKnownSampler(
    (batch) => imagesProgram(model, batch),
    samplingGenerator(parameters),
    options
  )
  return tensorData(images.shape, images.values.map(withinUnit))
})

/** A pixel within [0, 1]: a canvas without a link can leave the range of images. */
export const withinUnit = (value: number): number => Math.min(Math.max(value, 0), 1)

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
  options: { readonly count: number; readonly seed: number }
): Effect.fn.Return<SampledTrajectories, BackendError, TensorBackend> {
  const { canvases, windows } = yield* runKnownSampler(
    (batch) => trajectoryProgram(model, batch),
    samplingGenerator(parameters),
    options
  )
  return {
    canvases: stepsOf(canvases),
    windows: stepsOf(windows).map(({ values }) =>
      Array.from({ length: options.count }, (_, i) => geometryOf(values.subarray(5 * i, 5 * i + 5)))
    )
  }
})

/** `[count, steps, ..]` as `[count, ..]` for each step. */
const stepsOf = ({ shape: [count = 0, steps = 0, ...of], values }: TensorData): ReadonlyArray<TensorData> => {
  const size = sizeOf(of)
  return Array.from({ length: steps }, (_, t) => {
    const step = new Float32Array(count * size)
    for (let i = 0; i < count; i++) {
      const from = (i * steps + t) * size
      step.set(values.subarray(from, from + size), i * size)
    }
    return tensorData([count, ...of], step)
  })
}

const geometryOf = ([centreX = 0, centreY = 0, stride = 0, sigma = 0]: TensorData["values"]): WindowGeometry => ({
  centreX,
  centreY,
  stride,
  sigma
})
