import * as Effect from "effect/Effect"
import { gatherRows, type ImageSet } from "../../domain/data/Images.ts"
import { elboProgram } from "../../domain/experiment/variationalTraining.ts"
import { boundMeasures, type ElboMeasures } from "../../domain/metrics/ElboMeasures.ts"
import type { VariationalModel } from "../../domain/model/VariationalModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { runKnownSampler } from "../sampling/runSampler.ts"

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
  const { count } = images
  const { logLikelihood, divergence } = yield* runKnownSampler((batch) => elboProgram(model, batch), parameters, {
    count,
    seed,
    rows: (first, size) => ({ images: gatherRows(images, first, size) })
  })
  return boundMeasures(Float64Array.from(logLikelihood.values), Float64Array.from(divergence.values), seed)
})
