import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import sharp, { type Sharp } from "sharp"
import type { Animation } from "../../domain/image/animation.ts"
import type { LabelledImage } from "../../domain/image/caption.ts"
import type { Raster } from "../../domain/image/Raster.ts"
import { writeFileAtomically } from "../file/atomicWrite.ts"
import { ImageWriteError, ImageWriter } from "./ImageWriter.ts"
import { textOverlay } from "./textOverlay.ts"

/** Slowest and smallest: images are written seldom and kept for long. */
const png = { compressionLevel: 9, adaptiveFiltering: false, palette: false } as const

/** GIF has 256 colours and hundredths of a second; APNG is not among what libvips writes. */
const webp = { lossless: true, effort: 6, loop: 0 } as const

/** What sharp calls the colours of an image with this many channels. */
const colourspaces = { 1: "b-w", 3: "srgb" } as const

/** Pixels per inch at which an SVG's own units are pixels. */
const cssDensity = 72

/** Images by the `sharp` package (libvips), which brings its binaries along as packages. */
export const layerSharp: Layer.Layer<ImageWriter, never, FileSystem.FileSystem | Path.Path> = Layer.effect(
  ImageWriter,
  Effect.gen(function* () {
    const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

    const write = (path: string, bytes: Uint8Array) =>
      writeFileAtomically(path, bytes).pipe(
        Effect.mapError((error) => new ImageWriteError({ path, reason: error.message })),
        Effect.provideContext(files)
      )

    return ImageWriter.of({
      writePng: Effect.fn("ImageWriter.writePng")(function* (path, raster) {
        yield* write(path, yield* encodePng(path, raster))
      }),
      writeLabelled: Effect.fn("ImageWriter.writeLabelled")(function* (path, figure) {
        const space = colourspaces[figure.raster.channels]
        yield* write(path, yield* encoding(path, () => labelled(figure).toColourspace(space).png(png).toBuffer()))
      }),
      writeAnimation: Effect.fn("ImageWriter.writeAnimation")(function* (path, animation) {
        yield* write(path, yield* encodeAnimation(path, animation))
      }),
      writeSvg: Effect.fn("ImageWriter.writeSvg")(function* (path, svg) {
        yield* write(path, new TextEncoder().encode(svg))
      }),
      writeSvgAsPng: Effect.fn("ImageWriter.writeSvgAsPng")(function* (path, svg, scale = 1) {
        yield* write(path, yield* renderPng(path, svg, scale))
      })
    })
  })
)

/** The bytes of an image's PNG file. `path` is only named in the error. */
const encodePng = (path: string, raster: Raster): Effect.Effect<Uint8Array, ImageWriteError> => {
  const { width, height, channels, pixels } = raster
  return encoding(path, () =>
    sharp(pixels, { raw: { width, height, channels } }).toColourspace(colourspaces[channels]).png(png).toBuffer()
  )
}

/** An image under its texts. */
const labelled = (figure: LabelledImage): Sharp => {
  const { width, height, channels, pixels } = figure.raster
  const input = Buffer.from(textOverlay(figure))
  return sharp(pixels, { raw: { width, height, channels } })
    .composite([{ input, density: cssDensity }])
    .removeAlpha()
}

/** The bytes of a WebP file that shows the frames one after the other, for ever. */
const encodeAnimation = Effect.fnUntraced(function* (path: string, { frames }: Animation) {
  const first = frames[0]?.raster
  if (first === undefined) return yield* new ImageWriteError({ path, reason: "an animation needs at least one frame" })
  const { width, height } = first
  const length = width * height * 3
  const pixels = new Uint8Array(length * frames.length)
  for (const [index, frame] of frames.entries()) {
    const { raster } = frame
    if (raster.width !== width || raster.height !== height) {
      const sizes = `frame 0 is ${width}x${height}, frame ${index} is ${raster.width}x${raster.height}`
      return yield* new ImageWriteError({ path, reason: `frames of an animation are of one size: ${sizes}` })
    }
    const drawn = yield* encoding(path, () => labelled(frame).toColourspace("srgb").raw().toBuffer())
    pixels.set(drawn, index * length)
  }
  return yield* encoding(path, () =>
    sharp(pixels, { raw: { width, height: height * frames.length, channels: 3, pageHeight: height } })
      .webp({ ...webp, delay: frames.map(({ milliseconds }) => milliseconds) })
      .toBuffer()
  )
})

/** The bytes of a PNG file that shows an SVG document `scale` times as large as it says. */
const renderPng = (path: string, svg: string, scale: number): Effect.Effect<Uint8Array, ImageWriteError> =>
  encoding(path, () =>
    sharp(new TextEncoder().encode(svg), { density: cssDensity * scale })
      .png(png)
      .toBuffer()
  )

const encoding = (path: string, encode: () => Promise<Uint8Array>): Effect.Effect<Uint8Array, ImageWriteError> =>
  Effect.tryPromise({
    try: encode,
    catch: (cause) =>
      new ImageWriteError({
        path,
        reason: `sharp refused it: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })
