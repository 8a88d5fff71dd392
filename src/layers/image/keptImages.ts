import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { explain, writeFileAtomically } from "../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../file/readBounded.ts"
import { QueueError } from "../queue/queueErrors.ts"
import { RunFiles } from "../queue/RunFiles.ts"
import { ImageWriteError, ImageWriter } from "./ImageWriter.ts"

/**
 * An `ImageWriter` whose images in a folder are kept in `RunFiles` as well, by their names there: for a folder that is lost with its
 * machine. When the layer is built, the folder is given what earlier holders of the run have drawn. Fails with a `QueueError` if that
 * cannot be read or written.
 */
export const layerKeptImages = (
  folder: string
): Layer.Layer<ImageWriter, QueueError, ImageWriter | RunFiles | FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    ImageWriter,
    Effect.gen(function* () {
      const writer = yield* ImageWriter
      const files = yield* RunFiles
      const fs = yield* FileSystem.FileSystem
      const paths = yield* Path.Path

      for (const name of yield* files.list) {
        const found = yield* files.get(name)
        if (Option.isNone(found)) continue
        yield* writeFileAtomically(paths.join(folder, name), found.value).pipe(
          Effect.mapError(
            ({ message }) => new QueueError({ store: folder, action: `take the image ${name}`, detail: message })
          )
        )
      }
      const keep = Effect.fnUntraced(function* (path: string) {
        const name = paths.relative(folder, path)
        if (name.startsWith("..") || paths.isAbsolute(name)) return
        const failed = (error: unknown) => new ImageWriteError({ path, reason: explain(error) })
        const bytes = yield* Effect.mapError(readBounded(fs, path, MAX_FILE_BYTES), failed)
        yield* Effect.mapError(files.put(name, bytes), failed)
      })
      return ImageWriter.of({
        writePng: (path, raster) => Effect.andThen(writer.writePng(path, raster), keep(path)),
        writeLabelled: (path, figure) => Effect.andThen(writer.writeLabelled(path, figure), keep(path)),
        writeAnimation: (path, animation) => Effect.andThen(writer.writeAnimation(path, animation), keep(path)),
        writeSvg: (path, svg) => Effect.andThen(writer.writeSvg(path, svg), keep(path)),
        writeSvgAsPng: (path, svg, scale) => Effect.andThen(writer.writeSvgAsPng(path, svg, scale), keep(path))
      })
    })
  )
