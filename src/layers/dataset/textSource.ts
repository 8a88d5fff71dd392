import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { examples, windows } from "../../domain/data/Examples.ts"
import { MAX_FILE_BYTES } from "../file/readBounded.ts"
import { type BatchSource, shuffled } from "./BatchSource.ts"
import { DatasetError } from "./Dataset.ts"
import { readDataFile } from "./dataFile.ts"

/**
 * Files of text, one after the other, for models of characters: the array `text`, windows of `length` bytes each, one from every
 * `stride`-th byte on. A byte is a character where the text is ASCII; of others UTF-8 makes several.
 *
 *     const data = Data.textFrom(["sonnets.txt"], { length: 64, stride: 8 })
 *
 * Fails with a `DatasetError` if a file cannot be read, or all together are shorter than a window.
 */
export const textFrom = Effect.fn("Data.textFrom")(function* (
  paths: ReadonlyArray<string>,
  { length, stride = length }: { readonly length: number; readonly stride?: number }
): Effect.fn.Return<BatchSource<"text">, DatasetError, FileSystem.FileSystem> {
  const texts = yield* Effect.forEach(paths, (path) => readDataFile(path, MAX_FILE_BYTES))
  const bytes = new Uint8Array(Buffer.concat(texts))
  if (bytes.length < length) {
    const detail = `it is too short: ${bytes.length} bytes of text, and a window has ${length}`
    return yield* new DatasetError({ reason: "Mismatch", file: paths.join(", "), detail })
  }
  return shuffled(examples({ text: windows(length, bytes, stride) }), { name: "text" })
})
