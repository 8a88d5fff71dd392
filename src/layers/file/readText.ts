import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { decodeText } from "../../domain/text/decodeText.ts"
import { readBounded, UnreadableFileError } from "./readBounded.ts"

/**
 * The text of a file that a person wrote or made by another program, of at most `most` bytes, as `decodeText` has it: every
 * such file is read by this. Files that this library seals are read by `readBoundedText`, byte for byte.
 */
export const readText = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: string,
  most: number
): Effect.fn.Return<string, UnreadableFileError | PlatformError> {
  const bytes = yield* readBounded(fs, path, most)
  return yield* Effect.mapError(
    Effect.fromResult(decodeText(bytes)),
    (problem) => new UnreadableFileError({ path, problem: `it ${problem}` })
  )
})
