import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { decodeNpy, type NpyArray } from "../../domain/data/npy.ts"
import { npyImages } from "../../domain/data/npyImages.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { explain } from "../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../file/readBounded.ts"
import { SamplesError } from "./SamplesError.ts"

/** Loads the decoder, which a NumPy file has no need of. */
const imageFolder = Effect.promise(() => import("./imageFolder.ts"))

/**
 * Images of a format from a folder of image files (see `readImageFolder`) or a NumPy file (see `npyImages`):
 * `[N, channels, B, A]` in [0, 1], N at least 1. Fails with a `SamplesError` that names the file and what is wrong.
 */
export const readSamples = Effect.fn("readSamples")(function* (
  path: string,
  format: ImageFormat
): Effect.fn.Return<TensorData, SamplesError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const { type } = yield* fs.stat(path).pipe(
    Effect.mapError((error) => {
      const problem =
        error.reason._tag === "NotFound" ? "there is no such file or folder" : `it cannot be read: ${explain(error)}`
      return new SamplesError({ file: path, problem })
    })
  )
  if (type === "Directory") return yield* (yield* imageFolder).readImageFolder(path, format)
  if (!path.toLowerCase().endsWith(".npy")) {
    const problem = "expected a folder of images, or a NumPy file whose name ends in .npy"
    return yield* new SamplesError({ file: path, problem })
  }
  return yield* Effect.flatMap(readNpy(path), (array) =>
    Effect.mapError(
      Effect.fromResult(npyImages(array, format)),
      ({ message }) => new SamplesError({ file: path, problem: message })
    )
  )
})

/** The array of a NumPy file. Fails with a `SamplesError` that names the file and what is wrong. */
export const readNpy = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<NpyArray, SamplesError, FileSystem.FileSystem> {
  const failed = (problem: string) => new SamplesError({ file: path, problem })
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(readBounded(fs, path, MAX_FILE_BYTES), (error) =>
    failed(`it cannot be read: ${explain(error)}`)
  )
  return yield* Effect.mapError(Effect.fromResult(decodeNpy(bytes)), ({ message }) => failed(message))
})
