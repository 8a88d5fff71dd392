import * as Effect from "effect/Effect"
import { gatherImages, type ImageSet } from "../../domain/data/Images.ts"
import { elboProgram } from "../../domain/experiment/variationalTraining.ts"
import { boundMeasures, type ElboMeasures } from "../../domain/metrics/ElboMeasures.ts"
import type { VariationalModel } from "../../domain/model/VariationalModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

// Fixed, so that what is drawn for image i depends on the seed and i alone.
const batch = 100

/**
 * The variational bound of all images of a set (`[count, channels, B, A]` as bytes), in nats, each binarised once by a Bernoulli draw from its pixels, with one draw of the
 * latents. `parameters` is a training state or any part of it that holds `generator.*` and `encoder.*`. Throws a `RangeError` for an empty set.
 */
export const measureElbo = Effect.fn("Evaluation.measureElbo")(function* (
  model: VariationalModel,
  parameters: NamedTensors,
  images: ImageSet,
  seed: number
): Effect.fn.Return<ElboMeasures, BackendError, TensorBackend> {
  const backend = yield* TensorBackend
  const { count } = images
  const [logLikelihoods, divergences] = [new Float64Array(count), new Float64Array(count)]
  yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* backend.compile(elboProgram(model, batch), parameters)
      for (let first = 0; first < count; first += batch) {
        // The last batch is filled up with images that are not counted.
        const indices = Array.from({ length: batch }, (_, i) => (first + i) % count)
        const call = { inputs: { images: gatherImages(images, indices) }, noise: { seed, step: first / batch } }
        yield* executable.step(call)
        const { logLikelihood, divergence } = yield* executable.readOutputs
        const wanted = Math.min(batch, count - first)
        logLikelihoods.set(logLikelihood.values.subarray(0, wanted), first)
        divergences.set(divergence.values.subarray(0, wanted), first)
        yield* Effect.yieldNow
      }
    })
  )
  return boundMeasures(logLikelihoods, divergences, seed)
})
