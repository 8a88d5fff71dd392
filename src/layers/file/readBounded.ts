import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { own } from "../../domain/record/own.ts"

/** What is at a path is nothing to be read whole: too large, or no ordinary file. */
export class UnreadableFileError extends Schema.TaggedError<UnreadableFileError>()("UnreadableFileError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

/** The largest JSON file that a person writes: settings, a plan. */
export const MAX_SETTINGS_BYTES = 1_000_000

/** Node reads no more into one buffer. */
export const MAX_FILE_BYTES = 2 ** 31 - 1

/**
 * The bytes of a file of at most `most` bytes, which is the memory taken. Larger files are refused before anything is read;
 * so are folders, pipes and devices, which may never end.
 */
export const readBounded = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: string,
  most: number
): Effect.fn.Return<Uint8Array, UnreadableFileError | PlatformError> {
  const { type, size } = yield* fs.stat(path)
  // Before it is opened: opening a pipe waits for its other end.
  if (type !== "File") {
    return yield* new UnreadableFileError({ path, problem: `it is a ${own(kinds, type) ?? type}, not a file` })
  }
  if (BigInt(size) > BigInt(most)) {
    return yield* new UnreadableFileError({ path, problem: `it has ${size} bytes; at most ${most} are read` })
  }
  return yield* fs.readFile(path)
})

const kinds: Readonly<Record<string, string>> = {
  Directory: "folder",
  FIFO: "named pipe",
  Socket: "socket",
  CharacterDevice: "device",
  BlockDevice: "device"
}

/** The same as text, which must be UTF-8. */
export const readBoundedText = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: string,
  most: number
): Effect.fn.Return<string, UnreadableFileError | PlatformError> {
  const bytes = yield* readBounded(fs, path, most)
  return yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => new UnreadableFileError({ path, problem: "it is not text in UTF-8" })
  })
})
