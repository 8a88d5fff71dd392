/** How an image of one size becomes one of another; see `DatasetSettings`. */
export type CropRule = "none" | "centre" | "pad" | "stretch"

/** Size in pixels. */
export interface Size {
  readonly height: number
  readonly width: number
}

/** What is done with an image: a part is taken, made `inner` large, and put on black. */
export interface Cropping {
  /** The part of the image that is taken. */
  readonly part: Size & { readonly left: number; readonly top: number }
  /** What size it is brought to. */
  readonly inner: Size
  /** Where it is in the result. */
  readonly left: number
  readonly top: number
}

/**
 * How an image `from` becomes one `to` by a rule. `centre` takes the largest part of the wanted shape, about the middle; `pad`
 * makes the whole as large as fits, in the middle; `stretch` and `none` take the whole as it is. All sizes are at least 1, the
 * part lies within the image and the result within what is wanted.
 */
export const cropping = (rule: CropRule, from: Size, to: Size): Cropping => {
  const whole = { left: 0, top: 0, height: from.height, width: from.width }
  switch (rule) {
    case "none":
    case "stretch":
      return { part: whole, inner: { height: to.height, width: to.width }, left: 0, top: 0 }
    case "centre": {
      const part = within(from, to)
      return {
        part: { ...part, ...margins(from, part) },
        inner: { height: to.height, width: to.width },
        left: 0,
        top: 0
      }
    }
    case "pad": {
      const inner = within(to, from)
      return { part: whole, inner, ...margins(to, inner) }
    }
  }
}

/** The largest whole size in the shape of `shape` that fits into `room`. */
const within = (room: Size, shape: Size): Size => {
  const fitted = (most: number, length: number) => Math.max(1, Math.min(most, Math.round(length)))
  return {
    height: fitted(room.height, (room.width * shape.height) / shape.width),
    width: fitted(room.width, (room.height * shape.width) / shape.height)
  }
}

/** Where a size is in the middle of another; half a pixel is cut off. */
const margins = (room: Size, inner: Size): { readonly left: number; readonly top: number } => ({
  left: Math.floor((room.width - inner.width) / 2),
  top: Math.floor((room.height - inner.height) / 2)
})
