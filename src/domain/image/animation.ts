import { type BlocksOptions, blocksFigure } from "./blocks.ts"
import type { LabelledImage } from "./caption.ts"
import { drawnSteps, plainCells, type Trajectory } from "./drawnSteps.ts"
import type { Raster } from "./Raster.ts"

/** One image of an animation and how long it is shown. */
export interface Frame extends LabelledImage {
  readonly milliseconds: number
}

/** Images of one size in order, begun again after the last. */
export interface Animation {
  readonly frames: ReadonlyArray<Frame>
}

export interface DrawingOptions {
  /** `N`: filters along each axis of the writer. */
  readonly filters: number
  /** Samples side by side; 5 if not given. */
  readonly columns?: number
  /** Pixels of the animation for one pixel of an image; 4 if not given. */
  readonly scale?: number
  /** How long a step is shown; 500 if not given. */
  readonly stepMilliseconds?: number
  /** How long the finished images are shown; 3,000 if not given. */
  readonly heldMilliseconds?: number
  /** What is written below every frame. */
  readonly caption?: string
  /** Of the page around the images. */
  readonly layout?: BlocksOptions
}

/**
 * Figure 6 of the paper as an animation: all samples side by side, drawn window by window. It begins with the finished images
 * without a window, held, which is all that is seen where nothing moves; then a frame for each of `drawnSteps`. A heading counts
 * the steps.
 * Throws a `RangeError` where `drawnSteps` does.
 */
export const drawingAnimation = (trajectory: Trajectory, options: DrawingOptions): Animation => {
  const { filters, columns = 5, scale = 4, stepMilliseconds = 500, heldMilliseconds = 3000, caption = "" } = options
  const frame = (heading: string, rasters: ReadonlyArray<Raster>, milliseconds: number): Frame => {
    const blocks = [{ rasters, columns: Math.min(columns, rasters.length), heading }]
    return { ...blocksFigure({ blocks, caption }, options.layout), milliseconds }
  }
  const steps = trajectory.canvases.length
  const drawn = drawnSteps(trajectory, { filters, scale })
  const before = drawn.length - steps
  const finished = trajectory.canvases
    .slice(-1)
    .map((canvas) => frame("Finished", plainCells(canvas, scale), heldMilliseconds))
  return {
    frames: [
      ...finished,
      ...drawn.map((cells, i) =>
        frame(i < before ? "Before the first step" : `Step ${i - before + 1} of ${steps}`, cells, stepMilliseconds)
      )
    ]
  }
}
