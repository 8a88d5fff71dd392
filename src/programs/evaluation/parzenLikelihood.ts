import * as Effect from "effect/Effect"
import { gatherRows, type ImageSet } from "../../domain/data/Images.ts"
import { meanAndError } from "../../domain/metrics/MeanAndError.ts"
import { chooseWidth, parzenProgram, parzenWidths } from "../../domain/metrics/parzen.ts"
import type { SampleMeasures } from "../../domain/metrics/SampleMeasures.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

/** Images whose likelihood a step computes. */
const batch = 100

/**
 * The log-likelihood in nats of all test images under a Parzen window on samples `[n, channels, B, A]`, its width chosen
 * from `parzenWidths` on all validation images (Goodfellow et al. 2014, section 5). There must be at least one
 * validation image and two test images. About 12 s of one core for 10,000 of each.
 */
export const parzenLikelihood = Effect.fn("parzenLikelihood")(function* (
  samples: TensorData,
  { validation, test }: { readonly validation: ImageSet; readonly test: ImageSet },
  widths: ReadonlyArray<number> = parzenWidths
): Effect.fn.Return<SampleMeasures["parzen"], BackendError, TensorBackend> {
  const { sigma } = chooseWidth(widths, yield* logLikelihoods(samples, validation, widths))
  const [ofTest = []] = yield* logLikelihoods(samples, test, [sigma])
  const { mean, standardError } = meanAndError(ofTest)
  return { logLikelihood: mean, standardError, width: sigma }
})

/** For each width, the log-likelihood of every image of the set. */
const logLikelihoods = Effect.fnUntraced(function* (
  samples: TensorData,
  images: ImageSet,
  widths: ReadonlyArray<number>
): Effect.fn.Return<ReadonlyArray<Float64Array>, BackendError, TensorBackend> {
  const [n = 0, ...rest] = samples.shape
  const dimension = sizeOf(rest)
  const backend = yield* TensorBackend
  const program = parzenProgram({ samples: n, batch, dimension, widths: widths.length })
  const sigmas = tensorData([widths.length], Float64Array.from(widths))
  const found = widths.map(() => new Float64Array(images.count))
  yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* backend.compile(program, { samples: tensorData([n, dimension], samples.values) })
      for (let first = 0; first < images.count; first += batch) {
        // The last batch is filled up with its last image, whose further numbers are dropped.
        const points = tensorData([batch, dimension], gatherRows(images, first, batch).values)
        yield* executable.step({ inputs: { points, sigmas }, noise: { seed: 0, step: 0 } })
        const outputs = yield* executable.readOutputs
        const kept = Math.min(batch, images.count - first)
        found.forEach((list, w) => {
          list.set(outputs.logLikelihoods.values.subarray(w * batch, w * batch + kept), first)
        })
        yield* Effect.yieldNow
      }
    })
  )
  return found
})
