import { type Colour, type Raster, toRgb } from "./Raster.ts"

/**
 * Where one attention window lies on an image of `B` rows and `A` columns, in the paper's coordinates: pixel `a` has
 * its centre at `a` = 1..A (rows: 1..B) and covers [a - 0.5, a + 0.5).
 */
export interface WindowGeometry {
  /** `gX`: column of the window's centre. */
  readonly centreX: number
  /** `gY`: row of the window's centre. */
  readonly centreY: number
  /** `d`: pixels between the centres of neighbouring filters. */
  readonly stride: number
  /** Standard deviation of every filter, in pixels. */
  readonly sigma: number
}

export interface OutlineOptions {
  /** `N`: filters along each axis. */
  readonly filters: number
  /** By how much the image has been enlarged: device pixels for one pixel of the image. */
  readonly scale: number
  /** Red if not given. */
  readonly colour?: Colour
  /** Upper bound of the line's width in device pixels; if not given a tenth of the image's shorter side. */
  readonly maximumStroke?: number
}

const red: Colour = [255, 40, 30]

/**
 * Width of the outline in device pixels: `sigma` image pixels, as figure 6 draws sigma by the width of the line.
 * Never less than one device pixel (it would vanish) nor more than `maximum` (it would hide the digit).
 */
export const strokeWidth = (sigma: number, scale: number, maximum: number): number =>
  Math.max(1, Math.min(sigma * scale, maximum))

/**
 * Draws a window as figure 6 of the paper does: a square about (gX, gY) whose middle line runs through the centres of
 * the outermost filters, muX[1]..muX[N] and muY[1]..muY[N], so that its side is (N - 1) * stride.
 *
 * The ring between an outer and an inner square is painted onto an image already enlarged by `scale`; each device
 * pixel takes the share of the colour that the ring covers of it, exactly. What lies outside is cut off, and a window
 * narrower than its own line is a filled square. A window with a number that is not finite is not drawn.
 * Returns an RGB image; the one given is not changed.
 */
export const drawWindow = (raster: Raster, window: WindowGeometry, options: OutlineOptions): Raster => {
  const source = toRgb(raster)
  const { width, height } = source
  const { filters, scale, colour = red, maximumStroke = Math.min(width, height) / 10 } = options
  const pixels = source.pixels.slice()
  const drawn: Raster = { width, height, channels: 3, pixels }

  const half = (Math.abs(window.stride) * (filters - 1) * scale) / 2
  const stroke = strokeWidth(window.sigma, scale, maximumStroke)
  // The left edge of pixel 1 is the image's left edge, so coordinate p lies at (p - 0.5) * scale.
  const x = (window.centreX - 0.5) * scale
  const y = (window.centreY - 0.5) * scale
  if (![x, y, half, window.sigma].every(Number.isFinite)) return drawn

  const outer = half + stroke / 2
  const inner = Math.max(0, half - stroke / 2)
  const lastRow = Math.min(height, Math.ceil(y + outer))
  const lastColumn = Math.min(width, Math.ceil(x + outer))
  for (let row = Math.max(0, Math.floor(y - outer)); row < lastRow; row++) {
    const outerHeight = overlap(row, y - outer, y + outer)
    const innerHeight = overlap(row, y - inner, y + inner)
    for (let column = Math.max(0, Math.floor(x - outer)); column < lastColumn; column++) {
      const coverage =
        outerHeight * overlap(column, x - outer, x + outer) - innerHeight * overlap(column, x - inner, x + inner)
      if (coverage <= 0) continue
      const at = (row * width + column) * 3
      for (let channel = 0; channel < 3; channel++) {
        const below = pixels[at + channel] ?? 0
        pixels[at + channel] = Math.round(below + ((colour[channel] ?? 0) - below) * coverage)
      }
    }
  }
  return drawn
}

/** Length of [cell, cell + 1) within [from, to). */
const overlap = (cell: number, from: number, to: number): number =>
  Math.max(0, Math.min(cell + 1, to) - Math.max(cell, from))
