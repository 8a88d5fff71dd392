import { formatShape } from "../tensor/Shape.ts"
import type { TensorData } from "../tensor/TensorData.ts"
import { grid } from "./grid.ts"
import { type Colour, enlarge, type Picture, picturesOf, toRgb } from "./Picture.ts"
import { drawWindow, type WindowGeometry } from "./windowOutline.ts"

export interface Trajectory {
  /** The canvases c_1..c_T as images in [0, 1], each `[n, channels, B, A]`. */
  readonly canvases: ReadonlyArray<TensorData>
  /** For each step the `n` windows that were written through to make its canvas. */
  readonly windows: ReadonlyArray<ReadonlyArray<WindowGeometry>>
  /**
   * c_0, `[n, channels, B, A]`, or `[1, channels, B, A]` where all samples start from the same one.
   * If given it fills a column of its own, without a window, before step 1.
   */
  readonly start?: TensorData
}

export interface TrajectoryOptions {
  /** `N`: filters along each axis of the writer. */
  readonly filters: number
  /** Device pixels for one pixel of an image; 4 if not given. */
  readonly scale?: number
  /** Device pixels between the cells; `scale` if not given. */
  readonly gap?: number
  /** Colour of the gaps; white if not given. */
  readonly background?: Colour
  /** Colour of the windows; red if not given. */
  readonly windowColour?: Colour
}

/**
 * The layout of the paper's figure 6: a row for each sample, a column for each step; each cell is the canvas after
 * that step with the window just written through drawn over it.
 * Throws a `RangeError` if steps or samples of canvases and windows do not match.
 */
export const trajectoryFigure = (trajectory: Trajectory, options: TrajectoryOptions): Picture => {
  const { canvases, windows, start } = trajectory
  const { filters, scale = 4, gap = scale, background, windowColour } = options
  if (windows.length !== canvases.length) {
    throw new RangeError(
      `a trajectory has one set of windows a step: ${windows.length} for ${canvases.length} canvases`
    )
  }
  const samples = canvases[0]?.shape[0] ?? 0

  const drawnSteps = canvases.map((canvas, step) => {
    const ofStep = windows[step] ?? []
    const pictures = picturesOf(canvas)
    if (pictures.length !== samples || ofStep.length !== samples) {
      throw new RangeError(
        `step ${step + 1} of a trajectory of ${samples} samples has canvases ${formatShape(canvas.shape)} ` +
          `and ${ofStep.length} windows`
      )
    }
    return ofStep.map((window, sample) =>
      drawWindow(enlarge(cellOf(pictures, sample), scale), window, {
        filters,
        scale,
        ...(windowColour === undefined ? {} : { colour: windowColour })
      })
    )
  })
  const columns = start === undefined ? drawnSteps : [startColumn(start, samples, scale), ...drawnSteps]

  const cells = Array.from({ length: samples }, (_, sample) => columns.map((column) => cellOf(column, sample))).flat()
  return grid(cells, { columns: columns.length, gap, ...(background === undefined ? {} : { background }) })
}

const startColumn = (start: TensorData, samples: number, scale: number): ReadonlyArray<Picture> => {
  const pictures = picturesOf(start)
  if (pictures.length !== samples && pictures.length !== 1) {
    throw new RangeError(`the start of a trajectory of ${samples} samples is ${formatShape(start.shape)}`)
  }
  return Array.from({ length: samples }, (_, sample) =>
    toRgb(enlarge(cellOf(pictures, pictures.length === 1 ? 0 : sample), scale))
  )
}

const cellOf = (pictures: ReadonlyArray<Picture>, sample: number): Picture => {
  const picture = pictures[sample]
  if (picture === undefined) throw new RangeError(`internal: no picture of sample ${sample}`)
  return picture
}
