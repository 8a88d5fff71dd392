import type { TensorData } from "../tensor/TensorData.ts"
import { enlarge, type Raster, rastersOf, toRgb } from "./Raster.ts"
import { drawWindow, type WindowGeometry } from "./windowOutline.ts"

/** How a number of images came about: what figure 6 of the paper shows. */
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

/**
 * A trajectory's images, enlarged, step by step: c_0 without a window (if the trajectory tells it; one c_0 that all
 * samples share stands for each of them), then for each step t = 1..T the canvas c_t with the window just written through.
 * Throws a `RangeError` for a trajectory without steps or whose canvases and windows do not match.
 */
export const drawnSteps = (
  { canvases, windows, start }: Trajectory,
  { filters, scale }: { readonly filters: number; readonly scale: number }
): ReadonlyArray<ReadonlyArray<Raster>> => {
  const samples = canvases[0]?.shape[0] ?? 0
  if (samples === 0 || windows.length !== canvases.length) {
    throw new RangeError(
      `a drawing has at least one step, and windows for each: ${canvases.length} canvases, windows of ${windows.length}`
    )
  }
  const begun = start === undefined ? [] : plainCells(start, scale)
  const shared = begun.length === 1 ? Array.from({ length: samples }, () => begun).flat() : begun
  const steps = canvases.map((canvas, t) => {
    const ofStep = windows[t] ?? []
    const cells = plainCells(canvas, scale)
    if (ofStep.length !== cells.length) {
      throw new RangeError(`step ${t + 1} of a drawing has ${ofStep.length} windows for ${cells.length} canvases`)
    }
    return cells.flatMap((cell, sample) => {
      const window = ofStep[sample]
      return window === undefined ? [] : [drawWindow(cell, window, { filters, scale })]
    })
  })
  const drawn = start === undefined ? steps : [shared, ...steps]
  const uneven = drawn.find((cells) => cells.length !== samples)
  if (uneven !== undefined) throw new RangeError(`a drawing of ${samples} samples has ${uneven.length} in one step`)
  return drawn
}

/** Images `[n, channels, B, A]` as enlarged RGB images. */
export const plainCells = (images: TensorData, scale: number): ReadonlyArray<Raster> =>
  rastersOf(images).map((raster) => toRgb(enlarge(raster, scale)))
