import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Animation } from "../../domain/image/animation.ts"
import type { LabelledImage } from "../../domain/image/caption.ts"
import type { Raster } from "../../domain/image/Raster.ts"

/** An image could not be encoded or written; whatever stood at `path` before is unchanged. */
export class ImageWriteError extends Schema.TaggedError<ImageWriteError>()("ImageWriteError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The image ${this.path} was not written: ${this.reason}`
  }
}

/**
 * Writes images as files. A file's bytes depend on the image alone. Missing folders are made, and a file appears
 * whole or not at all: it replaces an older one only when it is complete.
 */
export class ImageWriter extends Context.Service<
  ImageWriter,
  {
    /** Writes an image as PNG, lossless: 8 bits, grey or RGB as the image is. */
    readonly writePng: (path: string, raster: Raster) => Effect.Effect<void, ImageWriteError>
    /** Writes an image with its texts as PNG, in the image's own size; where no text stands its pixels are exact. */
    readonly writeLabelled: (path: string, figure: LabelledImage) => Effect.Effect<void, ImageWriteError>
    /** Writes an animation as lossless WebP that begins again for ever. Fails for no frames, or frames of unlike sizes. */
    readonly writeAnimation: (path: string, animation: Animation) => Effect.Effect<void, ImageWriteError>
    /** Writes an SVG document (such as `learningCurves` makes) as it is. */
    readonly writeSvg: (path: string, svg: string) => Effect.Effect<void, ImageWriteError>
    /** Draws an SVG document as a PNG of `scale` times its own size in pixels (1 if not given). */
    readonly writeSvgAsPng: (path: string, svg: string, scale?: number) => Effect.Effect<void, ImageWriteError>
  }
>()("fovea/layers/ImageWriter") {}
