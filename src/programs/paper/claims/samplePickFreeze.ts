import * as Effect from "effect/Effect"
import { samplingGenerator } from "../../../domain/experiment/sampling.ts"
import type { PickFreeze } from "../../../domain/metrics/sobolIndices.ts"
import { pickFreezeProgram, stepsFromSecond } from "../../../domain/paper/probe/pickFreeze.ts"
import { sizeOf } from "../../../domain/tensor/Shape.ts"
import { tensorData } from "../../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../../layers/backend/TensorBackend.ts"
import type { TrainedAttentionGan } from "../probeFigures.ts"

// That of `sampleImages`, so that the rows of A are its images.
const batch = 100

/**
 * Draws the images of a pick-freeze design whose inputs are groups of latents, each the steps 1..T whose z_t it
 * consists of: `rows` images `[rows, channels, B, A]` in [0, 1] for A, for B and for each group. Row i of A is image
 * i of `sampleImages`; row i of B is drawn from an independent noise stream; row i of a group takes the latents of its
 * steps from B, all others from A. Costs `rows (groups + 2)` images.
 */
export const samplePickFreeze = Effect.fn("samplePickFreeze")(function* (
  { settings, format, tensors, seed }: TrainedAttentionGan,
  groups: ReadonlyArray<ReadonlyArray<number>>,
  rows: number
): Effect.fn.Return<PickFreeze, BackendError, TensorBackend> {
  const backend = yield* TensorBackend
  const image = [format.channels, format.height, format.width]
  const size = sizeOf(image)
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* backend.compile(pickFreezeProgram(settings, format, batch), samplingGenerator(tensors))
      const drawn = Effect.fnUntraced(function* (fromB: ReadonlyArray<number>) {
        const second = stepsFromSecond(settings.glimpses, fromB)
        const values = new Float32Array(rows * size)
        for (let first = 0; first < rows; first += batch) {
          yield* executable.step({ inputs: { second }, noise: { seed, step: first / batch } })
          const { images } = yield* executable.readOutputs
          const wanted = Math.min(batch, rows - first) * size
          values.set(images.values.subarray(0, wanted).map(withinUnit), first * size)
          yield* Effect.yieldNow
        }
        return tensorData([rows, ...image], values)
      })
      const every = Array.from({ length: settings.glimpses }, (_, i) => i + 1)
      return { a: yield* drawn([]), b: yield* drawn(every), mixed: yield* Effect.forEach(groups, drawn) }
    })
  )
})

// A canvas without a link can leave the range of images.
const withinUnit = (value: number): number => Math.min(Math.max(value, 0), 1)
