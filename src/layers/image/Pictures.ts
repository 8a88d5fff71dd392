import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Animation } from "../../domain/image/animation.ts"
import type { LabelledPicture } from "../../domain/image/caption.ts"
import type { Picture } from "../../domain/image/Picture.ts"

/** A picture could not be encoded or written; whatever stood at `path` before is unchanged. */
export class PictureError extends Schema.TaggedError<PictureError>()("PictureError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The picture ${this.path} was not written: ${this.reason}`
  }
}

/**
 * Writes pictures as files. A file's bytes depend on the picture alone. Missing folders are made, and a file appears
 * whole or not at all: it replaces an older one only when it is complete.
 */
export class Pictures extends Context.Service<
  Pictures,
  {
    /** Writes a picture as PNG, lossless: 8 bits, grey or RGB as the picture is. */
    readonly writePng: (path: string, picture: Picture) => Effect.Effect<void, PictureError>
    /** Writes a picture with its texts as PNG, in the picture's own size; where no text stands its pixels are exact. */
    readonly writeLabelled: (path: string, figure: LabelledPicture) => Effect.Effect<void, PictureError>
    /** Writes an animation as lossless WebP that begins again for ever. Fails for no frames, or frames of unlike sizes. */
    readonly writeAnimation: (path: string, animation: Animation) => Effect.Effect<void, PictureError>
    /** Writes an SVG document (such as `learningCurves` makes) as it is. */
    readonly writeSvg: (path: string, svg: string) => Effect.Effect<void, PictureError>
    /** Draws an SVG document as a PNG of `scale` times its own size in pixels (1 if not given). */
    readonly writeSvgAsPng: (path: string, svg: string, scale?: number) => Effect.Effect<void, PictureError>
  }
>()("fovea/layers/Pictures") {}
