/** A rectangle of pixels of an image, indices from 0, both ends within it. */
export interface ComponentBox {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** Values above it are ink. */
export const foregroundThreshold = 0.5

/** Connected pixels that are fewer are no part of an image, but a blot. */
const FEWEST_PIXELS = 5

/**
 * The bounding boxes of the parts of a bright drawing on black: the sets of pixels above `foregroundThreshold` that hang together by
 * sides or corners, but for those of fewer than five pixels; in the order of their first pixels. `brightness` is
 * `[height, width]`. Digits that touch are one part, and a digit in two strokes is two. Time linear in the pixels.
 */
export const connectedComponents = (
  brightness: ArrayLike<number>,
  height: number,
  width: number
): ReadonlyArray<ComponentBox> => {
  const seen = new Uint8Array(height * width)
  const isFresh = (pixel: number): boolean => seen[pixel] === 0 && (brightness[pixel] ?? 0) > foregroundThreshold
  const parts: Array<ComponentBox> = []
  for (let start = 0; start < height * width; start++) {
    if (!isFresh(start)) continue
    let [top, bottom, left, right] = [height, -1, width, -1]
    let count = 0
    const open = [start]
    seen[start] = 1
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
      const row = Math.floor(pixel / width)
      const column = pixel % width
      count++
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
      left = Math.min(left, column)
      right = Math.max(right, column)
      for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) {
          const neighbour = r * width + c
          if (!isFresh(neighbour)) continue
          seen[neighbour] = 1
          open.push(neighbour)
        }
      }
    }
    if (count >= FEWEST_PIXELS) parts.push({ top, bottom, left, right })
  }
  return parts
}

/** The smallest box around all of them; `undefined` for none. */
export const boxAround = (boxes: ReadonlyArray<ComponentBox>): ComponentBox | undefined => {
  const [first, ...others] = boxes
  if (first === undefined) return undefined
  return others.reduce(
    (around, { top, bottom, left, right }) => ({
      top: Math.min(around.top, top),
      bottom: Math.max(around.bottom, bottom),
      left: Math.min(around.left, left),
      right: Math.max(around.right, right)
    }),
    first
  )
}
