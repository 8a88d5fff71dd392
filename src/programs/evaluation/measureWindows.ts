import * as Effect from "effect/Effect"
import { attentionOnForeground } from "../../domain/metrics/attentionOnForeground.ts"
import { MeasureError } from "../../domain/metrics/MeasureError.ts"
import type { MeasuredWindows } from "../../domain/metrics/windowsTable.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import { openCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { sampleTrajectories } from "../sampling/Sampling.ts"

/**
 * Follows `count` images of the `CheckpointStore`'s newest checkpoint (latents of `seed`, or of the run's) and measures whether
 * the windows go to what is drawn, of all steps and of each. Fails as `openCheckpoint` does, and with a `MeasureError` if the
 * model does not draw step by step.
 */
export const measureWindows = Effect.fn("Evaluation.measureWindows")(function* ({
  count,
  seed
}: {
  readonly count: number
  readonly seed?: number | undefined
}) {
  const opened = yield* openCheckpoint
  const { model, settings, tensors, update } = opened
  const failed = (problem: string) => new MeasureError({ measure: "windows on ink", input: model.name, problem })
  const filters = writeFiltersOf(settings)
  if (filters === undefined) return yield* failed("it does not draw through windows")
  const own = seed ?? opened.seed
  const { canvases, windows } = yield* sampleTrajectories(model, tensors, { count, seed: own })
  const images = canvases.at(-1)
  if (images === undefined) return yield* failed("it draws no canvas")
  const measure = (ofSteps: typeof windows) => Effect.fromResult(attentionOnForeground(images, ofSteps, filters))
  const measured: MeasuredWindows = {
    update,
    seed: own,
    all: yield* measure(windows),
    steps: yield* Effect.forEach(windows, (ofStep) => measure([ofStep]))
  }
  return measured
})
