import * as Result from "effect/Result"
import { imageAxes, invalidSamples } from "../../metrics/invalidSamples.ts"
import { meanAndError } from "../../metrics/MeanAndError.ts"
import { MeasureError } from "../../metrics/MeasureError.ts"
import type { Estimate } from "../../metrics/SampleMeasures.ts"
import { type StepChange, stepChanges } from "../../metrics/stepChanges.ts"
import { type TensorData, tensorData } from "../../tensor/TensorData.ts"
import type { DrawingOrder } from "./GeneratorNumbers.ts"

const MEASURE = "drawing order"

/**
 * When coarse and fine change happen (claim C2), of canvases after step 0..T, each `[n, channels, B, A]`: for each
 * image the share of each step in its change, and the centre of mass over t = 1..T of its coarse and of its fine
 * energy (`stepChanges`, blocks of 4 x 4 pixels). Every image counts the same, and its two centres are compared with
 * one another, so that the delay's error is that of paired differences.
 *
 * The canvases are taken as images, after the link: what the claim says is seen in images, while logits may move far
 * within black or white where nothing shows. Images without coarse or without fine change have no centres and are
 * left out. Fails with a `MeasureError` for fewer than 2 canvases or 2 images that change.
 */
export const drawingOrder = (canvases: ReadonlyArray<TensorData>): Result.Result<DrawingOrder, MeasureError> => {
  const named = Object.fromEntries(canvases.map((canvas, t) => [`canvas ${t}`, canvas]))
  const fault = invalidSamples({ measure: MEASURE, axes: imageAxes, atLeast: 2 }, named)
  if (fault !== undefined) return Result.fail(fault)
  const count = canvases[0]?.shape[0] ?? 0
  const each = Result.all(Array.from({ length: count }, (_, n) => stepChanges(trajectoryOf(canvases, n))))
  return Result.flatMap(each, (all) => {
    const changing = all.filter((steps) => energy(steps, "coarse") > 0 && energy(steps, "fine") > 0)
    if (changing.length < 2) {
      const problem = `needs at least 2 images that change coarsely and finely, ${changing.length} of ${count} do`
      return Result.fail(new MeasureError({ measure: MEASURE, input: "canvases", problem }))
    }
    return Result.succeed(orderOf(changing))
  })
}

type Band = keyof StepChange

const orderOf = (images: ReadonlyArray<ReadonlyArray<StepChange>>): DrawingOrder => {
  const over = (value: (steps: ReadonlyArray<StepChange>) => number): Estimate => {
    const { mean, standardError } = meanAndError(images.map(value))
    return { value: mean, standardError }
  }
  const at = (steps: ReadonlyArray<StepChange>, step: number, band: Band) => steps[step]?.[band] ?? 0
  const share = (step: number, band: Band) => over((steps) => at(steps, step, band) / energy(steps, band))
  return {
    count: images.length,
    steps: (images[0] ?? []).map((_, step) => ({
      coarse: over((steps) => at(steps, step, "coarse")).value,
      fine: over((steps) => at(steps, step, "fine")).value,
      coarseShare: share(step, "coarse"),
      fineShare: share(step, "fine"),
      share: share(step, "total")
    })),
    coarseCentre: over((steps) => centre(steps, "coarse")),
    fineCentre: over((steps) => centre(steps, "fine")),
    delay: over((steps) => centre(steps, "fine") - centre(steps, "coarse"))
  }
}

const energy = (steps: ReadonlyArray<StepChange>, band: Band): number =>
  steps.reduce((sum, step) => sum + step[band], 0)

/** Centre of mass of a band's energy over steps counted from 1. */
const centre = (steps: ReadonlyArray<StepChange>, band: Band): number =>
  steps.reduce((sum, step, i) => sum + (i + 1) * step[band], 0) / energy(steps, band)

/** The canvases of image `n`, `[T + 1, 1, channels, B, A]`. */
const trajectoryOf = (canvases: ReadonlyArray<TensorData>, n: number): TensorData => {
  const image = canvases[0]?.shape.slice(1) ?? []
  const size = image.reduce((product, axis) => product * axis, 1)
  const values = new Float64Array(canvases.length * size)
  canvases.forEach((canvas, t) => {
    values.set(canvas.values.subarray(n * size, (n + 1) * size), t * size)
  })
  return tensorData([canvases.length, 1, ...image], values)
}
