import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import sharp from "sharp"
import type { Picture } from "../../domain/figure/Picture.ts"
import { writeFileAtomically } from "../file/atomicWrite.ts"
import { PictureError, Pictures } from "./Pictures.ts"

/** Slowest and smallest: pictures are written seldom and kept for long. */
const png = { compressionLevel: 9, adaptiveFiltering: false, palette: false } as const

/** Pixels per inch at which an SVG's own units are pixels. */
const cssDensity = 72

/** Pictures by the `sharp` package (libvips), which brings its binaries along as packages. */
export const layerSharp: Layer.Layer<Pictures, never, FileSystem.FileSystem | Path.Path> = Layer.effect(
  Pictures,
  Effect.gen(function* () {
    const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

    const write = (path: string, bytes: Uint8Array) =>
      writeFileAtomically(path, bytes).pipe(
        Effect.mapError((error) => new PictureError({ path, reason: error.message })),
        Effect.provideContext(files)
      )

    return Pictures.of({
      writePng: Effect.fn("Pictures.writePng")(function* (path, picture) {
        yield* write(path, yield* encodePng(path, picture))
      }),
      writeSvg: Effect.fn("Pictures.writeSvg")(function* (path, svg) {
        yield* write(path, new TextEncoder().encode(svg))
      }),
      writeSvgAsPng: Effect.fn("Pictures.writeSvgAsPng")(function* (path, svg, scale = 1) {
        yield* write(path, yield* renderPng(path, svg, scale))
      })
    })
  })
)

/** The bytes of a picture's PNG file. `path` is only named in the error. */
const encodePng = (path: string, picture: Picture): Effect.Effect<Uint8Array, PictureError> => {
  const { width, height, channels, pixels } = picture
  return encoding(path, () =>
    sharp(pixels, { raw: { width, height, channels } })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .png(png)
      .toBuffer()
  )
}

/** The bytes of a PNG file that shows an SVG document `scale` times as large as it says. */
const renderPng = (path: string, svg: string, scale: number): Effect.Effect<Uint8Array, PictureError> =>
  encoding(path, () =>
    sharp(new TextEncoder().encode(svg), { density: cssDensity * scale })
      .png(png)
      .toBuffer()
  )

const encoding = (path: string, encode: () => Promise<Uint8Array>): Effect.Effect<Uint8Array, PictureError> =>
  Effect.tryPromise({
    try: encode,
    catch: (cause) =>
      new PictureError({ path, reason: `sharp refused it: ${cause instanceof Error ? cause.message : String(cause)}` })
  })
