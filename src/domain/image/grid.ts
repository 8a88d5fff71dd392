import { type Colour, isGrey, plainRaster, type Raster, toRgb, white } from "./Raster.ts"

export interface GridOptions {
  /** Images in a row. The last row may hold fewer; what is left of it shows the background. */
  readonly columns: number
  /** Pixels between neighbours and around the whole; 2 if not given. */
  readonly gap?: number
  /** Colour of the gaps; white if not given. */
  readonly background?: Colour
}

/**
 * Lays images of one size out row by row, as in figures 3-5 and 7-10 of the paper (there 10 by 10).
 * The result is grey if all images and the background are, RGB otherwise.
 * Throws a `RangeError` for no images, images of different sizes, or options that are not whole numbers in range.
 */
export const grid = (rasters: ReadonlyArray<Raster>, options: GridOptions): Raster => {
  const { columns, gap = 2, background = white } = options
  const first = rasters[0]
  if (first === undefined) throw new RangeError("a grid needs at least one image")
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`a grid has a positive whole number of columns, not ${columns}`)
  }
  if (!Number.isInteger(gap) || gap < 0) throw new RangeError(`a grid's gap is a whole number of pixels, not ${gap}`)

  const { width, height } = first
  const channels = isGrey(background) && rasters.every((raster) => raster.channels === 1) ? 1 : 3
  const rows = Math.ceil(rasters.length / columns)
  const sheet = plainRaster(columns * (width + gap) + gap, rows * (height + gap) + gap, background, channels)

  rasters.forEach((raster, index) => {
    if (raster.width !== width || raster.height !== height) {
      throw new RangeError(
        `images of a grid are of one size: image 0 is ${width}x${height}, ` +
          `image ${index} is ${raster.width}x${raster.height}`
      )
    }
    const cell = channels === 3 ? toRgb(raster) : raster
    const left = gap + (index % columns) * (width + gap)
    const top = gap + Math.floor(index / columns) * (height + gap)
    for (let row = 0; row < height; row++) {
      const line = cell.pixels.subarray(row * width * channels, (row + 1) * width * channels)
      sheet.pixels.set(line, ((top + row) * sheet.width + left) * channels)
    }
  })
  return sheet
}
