import type { LabelledImage, PlacedText } from "../../domain/image/caption.ts"

const font = "Helvetica, Arial, DejaVu Sans, sans-serif"
const ink = "#222222"

/**
 * The texts of an image alone, as an SVG document of the image's size on nothing. A machine without any font draws it
 * empty.
 */
export const textOverlay = ({ raster: { width, height }, texts }: LabelledImage): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${font}" fill="${ink}">`,
    ...texts.map(textElement),
    "</svg>"
  ].join("\n")

const textElement = ({ text, x, y, size, anchor, bold }: PlacedText): string =>
  `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}"${bold ? ' font-weight="bold"' : ""}>${escaped(text)}</text>`

/** Text as XML takes it. Control characters, which no XML document may hold, are left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(/\p{Cc}/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
