import * as Effect from "effect/Effect"
import { drawingAnimation } from "../../domain/image/animation.ts"
import { type Block, type BlocksFigure, blocksFigure, enlargementTo } from "../../domain/image/blocks.ts"
import { subscript } from "../../domain/image/caption.ts"
import { drawnSteps } from "../../domain/image/drawnSteps.ts"
import { enlarge, type Raster, rastersOf } from "../../domain/image/Raster.ts"
import type { AttentionGanSettings } from "../../domain/model/attention-gan/AttentionGanSettings.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import type { LatentPlan } from "../../domain/model/latentPlan.ts"
import { type ModelSettings, modelOf, writeFiltersOf } from "../../domain/model/modelOf.ts"
import {
  outOfDistributionDeviation,
  outOfDistributionProbes,
  type Probe,
  plannedModel,
  singleStepProbes,
  standardProbe,
  zeroProbe
} from "../../domain/paper/probe/probes.ts"
import { ProgramError } from "../../domain/tensor/Program.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { sampleImages, sampleTrajectories } from "../sampling/Sampling.ts"

/** A trained attention GAN, and the seed its images are drawn from. */
export interface TrainedAttentionGan {
  readonly settings: AttentionGanSettings
  readonly format: ImageFormat
  /** A training state or any part of it that holds `generator.*`. */
  readonly tensors: NamedTensors
  readonly seed: number
}

/** A trained model that writes through windows (`writeFiltersOf`), and so can be followed step by step. */
type TrainedWriter = Omit<TrainedAttentionGan, "settings"> & { readonly settings: ModelSettings }

/** Pixels of a figure that an image's longer side takes, about. */
const cellSide = 84
const columns = 10

/** Pixels that an image's longer side takes where it is drawn step by step, about. */
const followedSide = 112
const windowLegend =
  "The red square is the window of each step: it reaches from the first to the last filter, and its line is as wide as sigma, up to a tenth of an image."

/**
 * Draws `count` images by a plan: `[count, channels, B, A]` in [0, 1]. Image i is made of the same normal numbers
 * whatever the plan and the count, and by the plan of training it is image i of `sampleImages`.
 */
export const plannedImages = (
  { settings, format, tensors, seed }: TrainedAttentionGan,
  plan: LatentPlan,
  count: number
) => sampleImages(plannedModel(settings, format, plan), tensors, { count, seed })

/** Images `[n, channels, B, A]` as images of a figure. */
export const cellsOf = (images: TensorData, { height, width }: ImageFormat): ReadonlyArray<Raster> =>
  rastersOf(images).map((raster) => enlarge(raster, enlargementTo(cellSide, { height, width })))

/** 100 images in ten rows of ten below which something is said (figures 3, 4, 5 and 7). `images` is `[n, channels, B, A]`. */
export const writeSampleFigure = Effect.fn("writeSampleFigure")(function* (
  path: string,
  images: TensorData,
  about: Pick<BlocksFigure, "title" | "caption">
) {
  const [, , height = 1, width = 1] = images.shape
  const rasters = cellsOf(images, { channels: 1, height, width })
  const { writeLabelled } = yield* ImageWriter
  yield* writeLabelled(path, blocksFigure({ blocks: [{ rasters, columns }], ...about }))
})

/** `rows` rows of ten images by a probe's plan, as a block. */
const probeBlock = Effect.fnUntraced(function* (
  trained: TrainedAttentionGan,
  { plan }: Probe,
  rows: number,
  heading: string
): Effect.fn.Return<Block, BackendError, TensorBackend> {
  const images = yield* plannedImages(trained, plan, rows * columns)
  return { rasters: cellsOf(images, trained.format), columns, heading }
})

/** Probe 1 above probe 2 (figure 8). Fifty images each; those above are the first fifty samples. */
export const writeRandomAndFixedLatents = Effect.fn("writeRandomAndFixedLatents")(function* (
  trained: TrainedAttentionGan,
  path: string,
  title: string
) {
  const { glimpses } = trained.settings
  const above = yield* probeBlock(trained, standardProbe(glimpses), 5, "Every zₜ drawn from N(0, 1)")
  const below = yield* probeBlock(trained, zeroProbe(glimpses), 5, "Every zₜ = 0")
  const { writeLabelled } = yield* ImageWriter
  const figure = blocksFigure({
    blocks: [above, below],
    title,
    caption:
      "Above, the latents of all steps are random, as in training; below they are all zero, so that nothing tells the images apart."
  })
  yield* writeLabelled(path, figure)
})

/** Probe 3 (figure 9), a row for each step t = 1..T; in each column the random latents are those of one of the first samples. */
export const writeSingleLatents = Effect.fn("writeSingleLatents")(function* (
  trained: TrainedAttentionGan,
  path: string,
  title: string
) {
  const { format, settings } = trained
  const rows = yield* Effect.forEach(singleStepProbes(settings.glimpses), ({ plan }) =>
    Effect.map(plannedImages(trained, plan, columns), (images) => cellsOf(images, format))
  )
  const { writeLabelled } = yield* ImageWriter
  const figure = blocksFigure({
    blocks: [{ rasters: rows.flat(), columns, rowLabels: rows.map((_, i) => `t = ${i + 1}`) }],
    title,
    caption:
      "In each row only the latent zₜ of the step named at its left is drawn from N(0, 1); those of all other steps are 0."
  })
  yield* writeLabelled(path, figure)
})

/** Probes 4, 5 and 6 below each other (figure 10), thirty images each, of the first samples. */
export const writeWildLatents = Effect.fn("writeWildLatents")(function* (
  trained: TrainedAttentionGan,
  path: string,
  title: string
) {
  const deviation = outOfDistributionDeviation.toLocaleString("en-US")
  const blocks = yield* Effect.forEach(outOfDistributionProbes(trained.settings.glimpses), (probe) =>
    probeBlock(trained, probe, 3, `z${subscript(probe.step ?? 0)} drawn from N(0, ${deviation}²)`)
  )
  const { writeLabelled } = yield* ImageWriter
  const figure = blocksFigure({
    blocks,
    title,
    caption:
      `One latent has a standard deviation of ${deviation}, all others of 1. Apart from it, the latents are those of the ` +
      "first samples, place by place."
  })
  yield* writeLabelled(path, figure)
})

/** How the first samples came about. */
const followed = Effect.fnUntraced(function* ({ settings, format, tensors, seed }: TrainedWriter, count: number) {
  const model = modelOf(settings, format)
  const filters = writeFiltersOf(settings)
  if (filters === undefined) throw new ProgramError(`${model.name} does not write through a window`)
  const { canvases, windows } = yield* sampleTrajectories(model, tensors, { count, seed })
  const [start, ...drawn] = canvases
  const drawing = { canvases: drawn, windows, ...(start === undefined ? {} : { start }) }
  return { drawing, options: { filters, scale: enlargementTo(followedSide, format) } }
})

/**
 * The first `count` samples (ten if left out) step by step (figure 6), with their steps named: a row for each sample, a column
 * for c_0 and each step.
 */
export const writeSteps = Effect.fn("writeSteps")(function* (
  trained: TrainedWriter,
  path: string,
  { count = columns, title }: { readonly count?: number; readonly title: string }
) {
  const { drawing, options } = yield* followed(trained, count)
  const steps = drawnSteps(drawing, options)
  const rasters = Array.from({ length: count }, (_, sample) =>
    steps.flatMap((cells) => cells.slice(sample, sample + 1))
  )
  const columnLabels = steps.map((_, t) => (t === 0 ? `c${subscript(0)}` : `t = ${t}`))
  const { writeLabelled } = yield* ImageWriter
  const figure = blocksFigure(
    {
      blocks: [{ rasters: rasters.flat(), columns: steps.length, columnLabels }],
      title,
      caption: `${firstSamples(count)}, from the learned canvas c${subscript(0)} on. ${windowLegend}`
    },
    { gap: 4 }
  )
  yield* writeLabelled(path, figure)
})

const firstSamples = (count: number): string =>
  count === 1 ? "The first sample" : `The first ${count === columns ? "ten" : count} samples`

/** The first `count` samples drawn window by window, as an animation (WebP). */
export const writeStepsAnimation = Effect.fn("writeStepsAnimation")(function* (
  trained: TrainedWriter,
  path: string,
  count: number = columns
) {
  const { drawing, options } = yield* followed(trained, count)
  const animation = drawingAnimation(drawing, { ...options, caption: windowLegend })
  const { writeAnimation } = yield* ImageWriter
  yield* writeAnimation(path, animation)
})
