import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { own } from "../../domain/record/own.ts"

/** A file could not be written; whatever stood at `path` before is unchanged. */
export class FileWriteError extends Schema.TaggedError<FileWriteError>()("FileWriteError", {
  path: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.path} cannot be written: ${explain(this.cause)}. ${remedy(this.cause)}`
  }
}

/**
 * Puts `bytes` at `path` so that a reader, a crash or a power cut sees either the old file or the new one, whole:
 * a temporary file in the same folder is written, synced, and renamed over `path`; then the folder is synced.
 * Missing folders are made, and synced as well. Not interruptible; a failure removes the temporary file.
 */
export const writeFileAtomically = (
  path: string,
  bytes: Uint8Array
): Effect.Effect<void, FileWriteError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { basename, dirname, join } = yield* Path.Path
    const folder = dirname(path)
    yield* makeFolderSynced(fs, dirname, folder)
    const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`)
    yield* writeSynced(fs, temporary, bytes).pipe(
      Effect.andThen(fs.rename(temporary, path)),
      Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
    )
    yield* syncFolder(fs, folder)
  }).pipe(
    Effect.mapError((cause) => new FileWriteError({ path, cause })),
    Effect.uninterruptible
  )

/**
 * Makes a folder and those above it that are missing, and waits until their names are on the disk: without that a power
 * cut may take a folder together with all that was synced inside it. Returns those that it made, the outermost first.
 */
export const makeFolderSynced = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  dirname: Path.Path["dirname"],
  path: string
): Effect.fn.Return<ReadonlyArray<string>, PlatformError> {
  const [missing, made]: [Array<string>, Array<string>] = [[], []]
  const look = (folder: string) => Effect.orElseSucceed(fs.exists(folder), () => "hidden" as const)
  for (let folder = path; ; folder = dirname(folder)) {
    const found = yield* look(folder)
    if (found === true) break
    missing.push(folder)
    // What hinders looking hinders making as well, and is reported there.
    if (found === "hidden") break
  }
  // One by one: where none can be made (`/proc`), Node tries for ever to make several at once.
  for (const folder of missing.reverse()) {
    yield* fs.makeDirectory(folder).pipe(
      Effect.tap(Effect.sync(() => made.push(folder))),
      Effect.catchIf(isAlreadyThere, (error) => Effect.filterOrFail(fs.exists(folder), Boolean, () => error))
    )
    yield* syncFolder(fs, dirname(folder))
  }
  return made
})

/** Somebody else may have made it in the meantime. */
const isAlreadyThere = ({ reason }: PlatformError): boolean => reason._tag === "AlreadyExists"

/** Writes a new file and waits until its bytes are on the disk. Fails if the file exists. */
export const writeSynced = (
  fs: FileSystem.FileSystem,
  path: string,
  bytes: Uint8Array
): Effect.Effect<void, PlatformError> =>
  Effect.gen(function* () {
    const file = yield* fs.open(path, { flag: "wx" })
    yield* file.writeAll(bytes)
    yield* file.sync
  }).pipe(Effect.scoped)

/**
 * Waits until a folder's entries (files made, renamed or removed in it) are on the disk.
 * Windows cannot open a folder for this and is left to its own journal.
 */
export const syncFolder = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, PlatformError> =>
  process.platform === "win32"
    ? Effect.void
    : fs.open(path, { flag: "r" }).pipe(
        Effect.flatMap((folder) => folder.sync),
        Effect.scoped
      )

/**
 * What went wrong, for a message: the system's own words (`ENOSPC: no space left on device, write`) where a
 * `PlatformError` carries them, since its own message names only the kind of fault.
 */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const words = error.cause instanceof Error ? error.cause.message : error.message
  // A clause, which goes on or ends where it is put.
  return words.replace(/(?<!\.)\.$/, "")
}

/**
 * What the user can do about a file that could not be written or read, in a sentence: by the system's code where it is
 * known (`ENOSPC: ...`).
 */
export const remedy = (error: unknown): string => {
  const code = /^[A-Z]+(?=:)/.exec(explain(error))?.[0] ?? ""
  return own(remedies, code) ?? "Check the folder, its permissions and the free space."
}

/**
 * The system's words, out of a message that holds those of `explain`, where it ran out of something: that is no fault of the file's,
 * which can be read another time.
 */
export const ranOut = (words: string): string | undefined => /\b(?:EMFILE|ENFILE|ENOMEM):.*/s.exec(words)?.[0]

const freeSpace = "Free some space there, or choose another folder."
const permissions = "Check the permissions, or choose another folder."
const openFiles = "Close other programs, or raise the limit of open files (ulimit -n)."

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: freeSpace,
  EDQUOT: freeSpace,
  EROFS: "The disk is mounted read-only: mount it for writing, or choose another folder.",
  EACCES: permissions,
  EPERM: permissions,
  ENOENT: "The folder is not there: it was moved or removed, or its disk is not mounted.",
  EMFILE: openFiles,
  ENFILE: openFiles,
  ENOMEM: "The system has no memory left: close other programs.",
  EISDIR: "It is a folder: choose another name.",
  ENOTDIR: "A part of the path is a file, not a folder: choose another folder.",
  EEXIST: "Something else has this name, a link that leads nowhere perhaps: choose another folder.",
  ELOOP: "The path is a link that leads to itself: choose another folder.",
  ENAMETOOLONG: "Choose a shorter name.",
  EIO: "The disk fails: save elsewhere what can still be read."
}
