import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { explain, makeFolderSynced, syncFolder, writeFileAtomically } from "../file/atomicWrite.ts"
import { linkOut } from "../file/linkOut.ts"
import { MAX_FILE_BYTES, readBounded, requireFile, type UnreadableFileError } from "../file/readBounded.ts"
import { checkedLine } from "./checkedLine.ts"
import { TrainingLog, TrainingLogError } from "./TrainingLog.ts"
import { thinnedLines } from "./thinnedLines.ts"

/**
 * The JSON form of an event. JSON has no NaN and no infinities: they are written as the strings `"NaN"`, `"Infinity"`
 * and `"-Infinity"` (and -0 as 0), and read back as the numbers.
 */
export const eventAsJson = Schema.toCodecJson(TrainingEvent)
const encodeEvent = Schema.encodeEffect(eventAsJson)

/** An event as a line of a log, recorded now. */
export const lineOfEvent = Effect.fnUntraced(function* (event: TrainingEvent) {
  const time = new Date(yield* Clock.currentTimeMillis).toISOString()
  return checkedLine(Object.assign({ time }, yield* encodeEvent(event)))
})

const lineFeed = 10

/** The log grows to this many bytes before it is thinned. */
export const usualMostBytes = 2 * 2 ** 20

/**
 * Appends every event as one line, a JSON object: its time (ISO 8601, UTC), the event's own fields, and a `check` by which
 * a changed line is noticed (see `checkedLine`).
 *
 * Folders and file are made if missing; an existing file is gone on with, on a fresh line if a crash tore its last. A link out
 * of the folder, and what is no ordinary file, is refused.
 * A recorded line has been handed to the operating system and survives the end of this process however it comes.
 * Everything but `Progress` is also waited for until it is on the disk, with all before it: after a power cut a run
 * goes on from a checkpoint, and what was logged up to that checkpoint is there.
 *
 * A file that has grown beyond `mostBytes` (2 MiB if not given) is replaced by one with half of what repeats
 * left out (`thinnedLines`): the log of a long run stays one file that tells its whole course. Fails with a `TrainingLogError` if the file
 * cannot be opened, or `mostBytes` is not a positive integer.
 */
export const layerJsonLines = (
  path: string,
  { mostBytes = usualMostBytes }: { readonly mostBytes?: number } = {}
): Layer.Layer<TrainingLog, TrainingLogError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    TrainingLog,
    Effect.gen(function* () {
      if (!Number.isSafeInteger(mostBytes) || mostBytes < 1) {
        const reason = `mostBytes must be a positive integer, not ${mostBytes}`
        return yield* new TrainingLogError({ log: path, action: "open", reason })
      }
      const failing = (action: string) =>
        Effect.mapError(
          (cause: PlatformError | UnreadableFileError | Schema.SchemaError | VanishedError | ForeignFileError) =>
            new TrainingLogError({ log: path, action, reason: explain(cause) })
        )
      const fs = yield* FileSystem.FileSystem
      const places = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
      const scope = yield* Effect.scope
      const open = Effect.gen(function* () {
        const own = yield* Scope.fork(scope)
        const file = yield* Scope.provide(openForAppending(path), own)
        return { file, size: Number((yield* file.stat).size), close: Scope.close(own, Exit.void) }
      }).pipe(Effect.provideContext(places))
      let current = yield* open.pipe(failing("open"))
      const turn = yield* Semaphore.make(1)
      // Set while it is not certain that the file ends with a whole line.
      let torn = yield* endsTorn(current.file).pipe(failing("open"))
      let bound = mostBytes

      const append = Effect.fnUntraced(function* (event: TrainingEvent) {
        const line = `${torn ? "\n" : ""}${yield* lineOfEvent(event)}\n`
        const bytes = new TextEncoder().encode(line)
        torn = true
        yield* current.file.writeAll(bytes)
        torn = false
        current.size += bytes.length
        if (event._tag === "Progress") return
        // A file that was removed takes what is written to it, and nobody will ever read it.
        if (!(yield* fs.exists(path))) return yield* Effect.fail(new VanishedError())
        yield* current.file.sync
      })

      const thin = Effect.gen(function* () {
        if (current.size <= bound) return
        const bytes = thinnedLines(yield* readBounded(fs, path, MAX_FILE_BYTES))
        yield* writeFileAtomically(path, bytes)
        yield* current.close
        current = yield* open
        // What cannot be thinned must not make every record a new attempt.
        bound = bytes.length < 0.75 * mostBytes ? mostBytes : 2 * bytes.length
      }).pipe(
        Effect.catchTag("FileWriteError", (error) => {
          bound = current.size + mostBytes
          return Effect.logWarning(`The log stays long: ${error.message}`)
        }),
        Effect.provideContext(places)
      )

      const record = (event: TrainingEvent) =>
        append(event).pipe(
          Effect.andThen(thin),
          failing(`record ${event._tag} of update ${event.update}`),
          turn.withPermit,
          // A line cut short by an interruption would be a torn one.
          Effect.uninterruptible
        )
      return TrainingLog.of({ record })
    })
  )

/** The log's file is no longer where it was. */
class VanishedError extends Data.TaggedError("VanishedError") {
  override readonly message = "ENOENT: the file is not there any more"
}

/** What is at the log's path is not for it to write to. */
class ForeignFileError extends Data.TaggedError("ForeignFileError")<{ readonly message: string }> {}

/** Refuses a link that leads out of the log's folder, which somebody else may have put there, and what is no ordinary file. */
const refuseForeign = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, folder: string, path: string) {
  const out = yield* linkOut(fs, yield* Path.Path, folder, path, true)
  if (out !== undefined) return yield* new ForeignFileError({ message: out })
  const found = yield* Effect.option(fs.stat(path))
  // A pipe would be written to until it is full, and then wait.
  if (Option.isSome(found)) yield* requireFile(path, found.value)
})

const openForAppending = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  const folder = dirname(path)
  yield* makeFolderSynced(fs, dirname, folder)
  yield* refuseForeign(fs, folder, path)
  const isNew = !(yield* fs.exists(path))
  const file = yield* Effect.acquireRelease(fs.open(path, { flag: "a+" }), (file) => Effect.ignore(file.sync))
  // Or a power cut takes the whole file, however often its lines were synced.
  if (isNew) yield* syncFolder(fs, folder)
  return file
})

/** Whether a file's last byte is other than the end of a line. */
const endsTorn = Effect.fnUntraced(function* (file: FileSystem.File) {
  const { size } = yield* file.stat
  const length = BigInt(size)
  if (length === 0n) return false
  const last = new Uint8Array(1)
  yield* file.read(last, { position: length - 1n })
  return last[0] !== lineFeed
})
