import { type LabelledImage, type PlacedText, textWidth, wrapText } from "./caption.ts"
import { grid } from "./grid.ts"
import { plainRaster, type Raster, toRgb, white } from "./Raster.ts"

/** A grid of images of one size, and what is written about it. */
export interface Block {
  /** Row by row. */
  readonly rasters: ReadonlyArray<Raster>
  readonly columns: number
  /** Above the block. */
  readonly heading?: string
  /** Left of each row, as far as they reach. */
  readonly rowLabels?: ReadonlyArray<string>
  /** Above each column, as far as they reach. */
  readonly columnLabels?: ReadonlyArray<string>
}

/** A figure of the paper: blocks below each other, the title and the caption below them. */
export interface BlocksFigure {
  readonly blocks: ReadonlyArray<Block>
  /** In bold: "Figure 8". */
  readonly title?: string
  readonly caption?: string
}

/** Sizes in pixels; those not given suit images about 80 pixels wide. */
export interface BlocksOptions {
  /** Between the images of a block; 3 if not given. */
  readonly gap?: number
  /** Around the whole; 12 if not given. */
  readonly margin?: number
  /** Between two blocks, and between the last and the title; 14 if not given. */
  readonly blockGap?: number
  /** Of the letters; 14 if not given. */
  readonly textSize?: number
  /** The figure is at least as wide, so that a caption below small images has room; 360 if not given. */
  readonly minimumWidth?: number
}

/**
 * Lays a figure out, on white. The left edges of all blocks are in line; labels of rows end before them, labels of columns
 * are centred above them. Headings and captions are broken into lines that fit.
 * Throws a `RangeError` for no blocks, and where `grid` does for one of them.
 */
export const blocksFigure = (figure: BlocksFigure, options: BlocksOptions = {}): LabelledImage => {
  const { gap = 3, margin = 12, blockGap = 14, textSize = 14, minimumWidth = 360 } = options
  const { blocks, title = "", caption = "" } = figure
  if (blocks.length === 0) throw new RangeError("a figure needs at least one block of images")
  const lineHeight = Math.round(textSize * 1.45)
  const grids = blocks.map(({ rasters, columns }) => grid(rasters, { columns, gap }))

  const left = margin + labelSpace(blocks, textSize)
  const width = Math.max(minimumWidth, left + Math.max(...grids.map((sheet) => sheet.width)) + margin)
  const texts: Array<PlacedText> = []
  const placed: Array<{ readonly sheet: Raster; readonly top: number }> = []
  let top = margin

  const writeLines = (text: string, from: number, bold: boolean): void => {
    for (const line of wrapText(text, textSize, width - from - margin, bold)) {
      texts.push({ text: line, x: from, y: top + textSize, size: textSize, anchor: "start", bold })
      top += lineHeight
    }
  }

  blocks.forEach(({ rasters, columns, heading = "", rowLabels = [], columnLabels = [] }, index) => {
    const sheet = grids[index]
    const cell = rasters[0]
    if (sheet === undefined || cell === undefined) throw new RangeError(`internal: block ${index} has no grid`)
    if (index > 0) top += blockGap
    // The grid begins with a gap; its images, not the gap, are what a heading is in line with.
    writeLines(heading, left + gap, true)
    const label = { size: textSize, bold: false } as const
    columnLabels.slice(0, columns).forEach((text, column) => {
      const x = left + gap + column * (cell.width + gap) + cell.width / 2
      texts.push({ ...label, text, x, y: top + textSize, anchor: "middle" })
    })
    if (columnLabels.length > 0) top += lineHeight
    rowLabels.slice(0, Math.ceil(rasters.length / columns)).forEach((text, row) => {
      const middle = top + gap + row * (cell.height + gap) + cell.height / 2
      // A capital letter or a figure is about 0.7 of the font's size high.
      texts.push({ ...label, text, x: left - labelGap, y: Math.round(middle + 0.35 * textSize), anchor: "end" })
    })
    placed.push({ sheet, top })
    top += sheet.height
  })
  if (title !== "" || caption !== "") top += blockGap
  writeLines(title, margin + gap, true)
  writeLines(caption, margin + gap, false)

  const grey = grids.every(({ channels }) => channels === 1)
  const raster = plainRaster(width, top + margin, white, grey ? 1 : 3)
  for (const { sheet, top: y } of placed) paste(raster, grey ? sheet : toRgb(sheet), left, y)
  return { raster, texts }
}

/** Pixels between a row's label and its images. */
const labelGap = 6

/** Whole pixels that the widest label of a row takes, or none. */
const labelSpace = (blocks: ReadonlyArray<Block>, size: number): number => {
  const labels = blocks.flatMap(({ rowLabels = [] }) => rowLabels)
  return labels.length === 0 ? 0 : Math.ceil(Math.max(...labels.map((text) => textWidth(text, size)))) + labelGap
}

/** Puts an image of as many channels into another, in place: the other has just been made here. */
const paste = (onto: Raster, { width, height, channels, pixels }: Raster, left: number, top: number): void => {
  for (let row = 0; row < height; row++) {
    const line = pixels.subarray(row * width * channels, (row + 1) * width * channels)
    onto.pixels.set(line, ((top + row) * onto.width + left) * channels)
  }
}

/** By how much images of `B` rows and `A` columns are enlarged to be about `side` pixels large: a whole number, at least 1. */
export const enlargementTo = (
  side: number,
  { height, width }: { readonly height: number; readonly width: number }
): number => Math.max(1, Math.round(side / Math.max(height, width)))
