import type { Playable } from "../../domain/exchange/Playable.ts"
import { drawnSteps, plainCells } from "../../domain/image/drawnSteps.ts"
import type { Raster } from "../../domain/image/Raster.ts"
import type { WindowGeometry } from "../../domain/image/windowOutline.ts"
import { held } from "../../domain/record/own.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"

/** A sample as a page shows it. */
export interface Picture {
  readonly raster: Raster
  /** What is seen, in words. */
  readonly caption: string
}

/** Pixels of the screen, at most, along an image's longer side. */
const side = 196

/**
 * The samples after step `t` (0 to T) of their drawing, the window just written through in red, as figure 6 of the paper
 * has it; of a generator that does not draw in steps, the samples.
 */
export const picturesOf = ({ output, steps }: Playable, drawn: NamedTensors, t: number): ReadonlyArray<Picture> => {
  const canvases = steps === undefined ? held(drawn, output.name) : atStep(held(drawn, "canvases"), t)
  const [, , height = 1, width = 1] = canvases.shape
  const scale = Math.max(1, Math.floor(side / Math.max(height, width)))
  const windows = steps === undefined || t === 0 ? [] : windowsOf(atStep(held(drawn, "windows"), t - 1))
  const rasters =
    steps === undefined || t === 0
      ? plainCells(canvases, scale)
      : (drawnSteps({ canvases: [canvases], windows: [windows] }, { filters: steps.filters, scale })[0] ?? [])
  return rasters.map((raster, i) => ({ raster, caption: captionOf(i, t, steps?.count, windows[i]) }))
}

/** Entry `t` of axis 1 of a tensor `[n, T, ...]`: `[n, ...]`. */
const atStep = ({ shape: [count = 0, steps = 0, ...rest], values }: TensorData, t: number): TensorData => {
  const size = sizeOf(rest)
  const taken = new Float32Array(count * size)
  for (let i = 0; i < count; i++) {
    taken.set(values.slice((i * steps + t) * size, (i * steps + t + 1) * size), i * size)
  }
  return tensorData([count, ...rest], taken)
}

/** The rows of `[n, 5]`: centre's column and row, stride, sigma, gamma. */
const windowsOf = ({ shape: [count = 0, numbers = 0], values }: TensorData): ReadonlyArray<WindowGeometry> =>
  Array.from({ length: count }, (_, i) => {
    const [centreX = 0, centreY = 0, stride = 0, sigma = 0] = values.slice(i * numbers, (i + 1) * numbers)
    return { centreX, centreY, stride, sigma }
  })

const captionOf = (
  sample: number,
  t: number,
  count: number | undefined,
  window: WindowGeometry | undefined
): string => {
  const which = `Sample ${sample + 1}`
  if (count === undefined) return which
  if (window === undefined) return `${which} before the first of ${count} steps`
  const { centreX, centreY, stride, sigma } = window
  return `${which} after step ${t} of ${count}: window about column ${centreX.toFixed(1)}, row ${centreY.toFixed(1)}, stride ${stride.toFixed(2)}, sigma ${sigma.toFixed(2)} pixels`
}
