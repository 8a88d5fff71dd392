import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { gatherRows } from "../../domain/data/Images.ts"
import type { CollapseSignal } from "../../domain/experiment/collapseSignal.ts"
import { trainedGenerator } from "../../domain/experiment/sampling.ts"
import { collapsedVariety, relativeDiversity } from "../../domain/metrics/collapse.ts"
import type { GenerativeModel } from "../../domain/model/GenerativeModel.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import type { DivergedError } from "./DivergedError.ts"
import type { TrainingProgress } from "./Training.ts"

/** Images that G is judged by. */
const mostImages = 100

/** What a signal means for a run: G's images are drawn and compared with real ones, to tell a collapse from a strong D. */
export const examineCollapse =
  (model: GenerativeModel, seed: number) =>
  (
    signal: CollapseSignal,
    { snapshot }: TrainingProgress
  ): Effect.Effect<string | undefined, BackendError | DivergedError, TensorBackend | Dataset> =>
    Effect.gen(function* () {
      if (signal === "D answers alike") return "D says the same of real and of generated images"
      const { training } = yield* Dataset
      const count = Math.min(mostImages, training.count)
      // An average of G would tell of a collapse late.
      const images = yield* sampleImages(model, trainedGenerator((yield* snapshot).tensors), { count, seed })
      const variety = relativeDiversity(images, gatherRows(training, 0, count))
      // Too few images, or real ones that are all the same, cannot be judged by their variety.
      if (Result.isFailure(variety)) return undefined
      const share = `their variety is ${variety.success.toFixed(3)} of that of real ones`
      return variety.success < collapsedVariety
        ? `D tells every real image from every generated one, and G's images are all alike (${share})`
        : `D tells every real image from every generated one, so that G learns hardly anything from it (${share})`
    })
