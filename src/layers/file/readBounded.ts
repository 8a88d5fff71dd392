import { constants } from "node:fs"
import { open } from "node:fs/promises"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { type PlatformError, type SystemErrorTag, systemError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { own } from "../../domain/record/own.ts"
import { decodeText } from "../../domain/text/decodeText.ts"

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

/** How a file is read. */
export interface ReadOptions {
  /** Whether a link to the file is read as well (if not given), or refused like anything else that is no ordinary file. */
  readonly links?: "read" | "refused"
}

/**
 * The bytes of a file of at most `most` bytes, which is the memory taken. Larger files are refused before anything is read;
 * so are folders, pipes and devices, which may never end, before they are opened. Interruptible at any time.
 *
 * What was looked at is what is read: a file that another takes the place of meanwhile is refused, and one that grows is
 * read as far as it went when it was opened.
 */
export const readBounded = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: string,
  most: number,
  { links = "read" }: ReadOptions = {}
): Effect.fn.Return<Uint8Array, UnreadableFileError | PlatformError> {
  const found = yield* links === "read" ? fs.stat(path) : fs.lstat(path)
  // Before it is opened: opening a pipe waits for its other end, and a process that waits for it cannot even be ended.
  yield* requireFile(path, found)
  const { size, dev, ino } = found
  if (BigInt(size) > BigInt(most)) {
    return yield* new UnreadableFileError({ path, problem: `it has ${size} bytes; at most ${most} are read` })
  }
  // Without a number it is on no disk, where nothing can change in between.
  return yield* Option.isNone(ino)
    ? fs.readFile(path)
    : readSame(path, { dev, ino: ino.value }, { from: 0, size: Number(size) }, links)
})

/** A part of a file that may be growing. */
export interface FilePart {
  readonly bytes: Uint8Array
  /** Of the whole file, when it was looked at. */
  readonly size: number
  /** Another one if another file has taken its place. */
  readonly file: string
}

/**
 * At most `most` bytes of a file from the byte `from` on, however large it is; none if it ends before. A link is refused, and
 * so is whatever is no ordinary file.
 */
export const readPart = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: string,
  from: number,
  most: number
): Effect.fn.Return<FilePart, UnreadableFileError | PlatformError> {
  const found = yield* fs.lstat(path)
  yield* requireFile(path, found)
  const { dev, ino } = found
  const size = Number(found.size)
  const length = Math.min(Math.max(size - from, 0), most)
  const number = Option.getOrElse(ino, () => 0n)
  const bytes =
    length === 0 ? new Uint8Array(0) : yield* readSame(path, { dev, ino: number }, { from, size: length }, "refused")
  return { bytes, size, file: `${dev}:${number}` }
})

/**
 * `size` bytes, from the byte `from` on, of the file of this number. By Node itself: Effect's file system has no opening that waits for
 * nothing (`O_NONBLOCK`), which it takes where a pipe has been put in the place of the file that was looked at.
 */
const readSame = Effect.fnUntraced(function* (
  path: string,
  { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
  { from, size }: { readonly from: number; readonly size: number },
  links: ReadOptions["links"]
) {
  const asked = <A>(method: string, ask: () => Promise<A>): Effect.Effect<A, PlatformError> =>
    Effect.tryPromise({ try: ask, catch: (cause) => refusal(method, path, cause) })
  // Not all systems have them.
  const { O_NONBLOCK = 0, O_NOFOLLOW = 0, O_RDONLY } = constants
  const flags = O_RDONLY | O_NONBLOCK | (links === "refused" ? O_NOFOLLOW : 0)
  const file = yield* Effect.acquireRelease(
    asked("open", () => open(path, flags)),
    (file) => Effect.ignore(asked("close", () => file.close()))
  )
  const opened = yield* asked("stat", () => file.stat({ bigint: true }))
  if (BigInt.asUintN(64, opened.dev) !== dev || BigInt.asUintN(64, opened.ino) !== ino) {
    return yield* new UnreadableFileError({ path, problem: "another took its place while it was being opened" })
  }
  const bytes = new Uint8Array(size)
  let read = 0
  while (read < size) {
    const { bytesRead } = yield* asked("read", () => file.read(bytes, read, size - read, from + read))
    // It was cut since.
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}, Effect.scoped)

/** Fails if what was found at a path is no ordinary file. */
export const requireFile = (path: string, { type }: FileSystem.File.Info): Effect.Effect<void, UnreadableFileError> =>
  type === "File"
    ? Effect.void
    : Effect.fail(new UnreadableFileError({ path, problem: `it is a ${own(kinds, type) ?? type}, not a file` }))

const refusal = (method: string, path: string, cause: unknown): PlatformError =>
  systemError({
    _tag: tags[cause instanceof Error && "code" in cause ? String(cause.code) : ""] ?? "Unknown",
    module: "FileSystem",
    method,
    pathOrDescriptor: path,
    cause
  })

const tags: Readonly<Record<string, SystemErrorTag>> = {
  ENOENT: "NotFound",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied"
}

const kinds: Readonly<Record<string, string>> = {
  Directory: "folder",
  FIFO: "named pipe",
  Socket: "socket",
  SymbolicLink: "link",
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
