import type { Raster } from "./Raster.ts"

/** A line of text on an image, in its pixels. */
export interface PlacedText {
  readonly text: string
  /** Of the text's beginning, middle or end, as `anchor` says. */
  readonly x: number
  /** Of the line that the letters stand on. */
  readonly y: number
  /** Of the font, in pixels. */
  readonly size: number
  readonly anchor: "start" | "middle" | "end"
  readonly bold: boolean
}

/** An image and what is to be written on it: a whole figure as a description. Whoever draws it brings the font. */
export interface LabelledImage {
  readonly raster: Raster
  readonly texts: ReadonlyArray<PlacedText>
}

/** Widths of letters as parts of the font's size, none less than in DejaVu Sans; the first that a letter is in counts. */
const letterWidths: ReadonlyArray<readonly [letters: RegExp, width: number]> = [
  [/[ .,:;!'|ijl]/u, 0.4],
  [/[()[\]/ftr₀-₉ₜ]/u, 0.43],
  [/[acekosvxyz]/u, 0.62],
  [/[bdghnpqu0-9]/u, 0.64],
  [/[A-LN-VX-Zw~=+<>–]/u, 0.84]
]
const widest = 1
const boldFactor = 1.13

/**
 * About how wide a text is in pixels, rather more than less: which font a machine has is not known here, and
 * DejaVu Sans, by which letters are rated, is wider than Helvetica, Arial and Liberation Sans.
 */
export const textWidth = (text: string, size: number, bold = false): number =>
  Array.from(text, widthOf).reduce((total, width) => total + width, 0) * size * (bold ? boldFactor : 1)

const widthOf = (letter: string): number => letterWidths.find(([letters]) => letters.test(letter))?.[1] ?? widest

/**
 * A text in lines that are at most `width` pixels wide by `textWidth`, broken at spaces and at newlines. A word longer
 * than that gets a line of its own. No text is no line.
 */
export const wrapText = (text: string, size: number, width: number, bold = false): ReadonlyArray<string> =>
  text.split("\n").flatMap((paragraph) => {
    const lines: Array<string> = []
    for (const word of paragraph.split(/\s+/).filter((part) => part !== "")) {
      const last = lines.at(-1)
      const longer = last === undefined ? word : `${last} ${word}`
      if (last !== undefined && textWidth(longer, size, bold) <= width) lines[lines.length - 1] = longer
      else lines.push(word)
    }
    return lines
  })

const zeroBelow = 0x2080

/** A whole number as small figures below the line: 12 is "₁₂". */
export const subscript = (index: number): string =>
  Array.from(String(index), (digit) => String.fromCodePoint(zeroBelow + Number(digit))).join("")
