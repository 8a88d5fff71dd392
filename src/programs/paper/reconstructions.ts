import * as Effect from "effect/Effect"
import { gatherRows } from "../../domain/data/Images.ts"
import { reconstructionProgram } from "../../domain/experiment/variationalTraining.ts"
import { blocksFigure } from "../../domain/image/blocks.ts"
import type { VariationalModel } from "../../domain/model/VariationalModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { cellsOf } from "./probeFigures.ts"

const columns = 10
const most = 30

/** The first test images as a variational model sees them, and below what it draws from the latents that it infers of them. */
export const writeReconstructions = Effect.fn("writeReconstructions")(function* (
  model: VariationalModel,
  { tensors, seed }: { readonly tensors: NamedTensors; readonly seed: number },
  path: string
) {
  const { test, name } = yield* Dataset
  const count = Math.min(most, test.count)
  if (count === 0) return
  const images = gatherRows(test, 0, count)
  const { shown, reconstruction } = yield* Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(reconstructionProgram(model, count), tensors)
      yield* executable.step({ inputs: { images }, noise: { seed, step: 0 } })
      return yield* executable.readOutputs
    })
  )
  const { writeLabelled } = yield* ImageWriter
  const figure = blocksFigure({
    blocks: [
      { rasters: cellsOf(shown, model.format), columns, heading: `Test images of ${name}, binarised` },
      { rasters: cellsOf(reconstruction, model.format), columns, heading: "Drawn from the latents inferred of them" }
    ],
    title: "Reconstructions",
    caption: "Below, each pixel is its probability of being white, for latents drawn once from the posterior."
  })
  yield* writeLabelled(path, figure)
})
