import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import { type PackedImages, packImages, unpackImages } from "../../../domain/data/packedImages.ts"
import { explain, writeFileAtomically } from "../../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../../file/readBounded.ts"
import { sha256 } from "../../file/sha256.ts"

const fileOf = (directory: string, key: string): string => join(directory, `${key}.pictures`)

/**
 * The images kept in a folder under a key, if they are there. What is there but damaged is reported in a warning, and then
 * counts as not there.
 */
export const readCachedImages = Effect.fn("Dataset.readCachedImages")(function* (
  directory: string,
  key: string
): Effect.fn.Return<PackedImages | undefined, never, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const path = fileOf(directory, key)
  if (!(yield* Effect.orElseSucceed(fs.exists(path), () => false))) return undefined
  const read = yield* readBounded(fs, path, MAX_FILE_BYTES).pipe(
    Effect.mapError(explain),
    Effect.flatMap((bytes) => Effect.fromResult(unpackImages(bytes, sha256))),
    Effect.filterOrFail(
      (images) => images.key === key,
      () => "it holds other images"
    ),
    Effect.result
  )
  if (Result.isSuccess(read)) return read.success
  yield* Effect.logWarning(`${path} is damaged (${read.failure}): the images are decoded again`)
  return undefined
})

/** Keeps images in a folder under their key; where that cannot be done, says so in a warning. */
export const cacheImages = (
  directory: string,
  images: PackedImages
): Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> =>
  Effect.suspend(() => writeFileAtomically(fileOf(directory, images.key), packImages(images, sha256))).pipe(
    Effect.catch((error) => Effect.logWarning(`Decoded images are not kept: ${error.message}`))
  )
