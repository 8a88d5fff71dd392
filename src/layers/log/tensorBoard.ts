import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { explain } from "../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded, type UnreadableFileError } from "../file/readBounded.ts"
import { type EventContent, encodeEvent, type SummaryValue } from "./eventMessages.ts"
import { framedRecord } from "./recordFraming.ts"
import { codeBlock, imageSummaries, parameterSummaries, progressSummaries } from "./summaries.ts"
import { TrainingLog, TrainingLogError } from "./TrainingLog.ts"

/** Where TensorBoard is to look (`tensorboard --logdir`): a folder, one for each run. */
export interface TensorBoardOptions {
  readonly directory: string
}

/**
 * Writes what TensorBoard shows, while the run goes on: metrics as scalars by update; written PNG images as images;
 * of every checkpoint in a folder, histograms of the players' parameters; settings and warnings as text.
 *
 * Every opening of the layer makes an event file of its own in the folder (`events.out.tfevents.*`), which goes again if nothing is recorded. A run that goes on
 * from a checkpoint says so in it, and TensorBoard forgets what earlier files tell of later updates. A record is handed
 * to the operating system as a whole before `record` succeeds. An image or a checkpoint that is not there as a file is
 * passed over; one that cannot be read, or is damaged, fails with a `TrainingLogError`.
 */
export const layerTensorBoard = ({
  directory
}: TensorBoardOptions): Layer.Layer<TrainingLog, TrainingLogError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    TrainingLog,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const failing = (action: string) =>
        Effect.mapError(
          (cause: PlatformError | UnreadableFileError | string) =>
            new TrainingLogError({ log: directory, action, reason: typeof cause === "string" ? cause : explain(cause) })
        )
      const turn = yield* Semaphore.make(1)
      // A file whose last record may be torn is read no further: what follows goes to a new one.
      const scope = yield* Scope.Scope
      // A run that is refused before it tells anything leaves no file.
      let isTold = false
      const begin = Effect.gen(function* () {
        const { path: name, file: opened } = yield* Scope.provide(openEventFile(directory), scope)
        yield* Scope.addFinalizer(
          scope,
          Effect.suspend(() => (isTold ? Effect.void : Effect.ignore(fs.remove(name))))
        )
        yield* writeRecord(opened, { kind: "version" })
        return opened
      })
      let file: FileSystem.File | undefined = yield* begin.pipe(failing("open"))
      const append = Effect.fnUntraced(
        function* (content: EventContent) {
          isTold = true
          const current: FileSystem.File = file ?? (yield* begin)
          file = undefined
          yield* writeRecord(current, content)
          file = current
        },
        Effect.provideService(FileSystem.FileSystem, fs),
        Effect.provideService(Path.Path, path)
      )

      const readIfThere = (file: string) =>
        Effect.flatMap(fs.exists(file), (exists) => (exists ? readBounded(fs, file, MAX_FILE_BYTES) : Effect.undefined))

      const summariesOf = Effect.fnUntraced(function* (
        event: TrainingEvent
      ): Effect.fn.Return<ReadonlyArray<SummaryValue>, PlatformError | UnreadableFileError | string> {
        switch (event._tag) {
          case "Started":
            return [{ tag: "run/settings", text: codeBlock(JSON.stringify(event.settings, null, 2)) }]
          case "Progress":
            return progressSummaries(event)
          case "Measured":
            return Object.entries(event.metrics).map(([name, simpleValue]) => ({
              tag: `measures/${name}`,
              simpleValue
            }))
          case "PictureWritten": {
            const bytes = yield* readIfThere(event.path)
            return bytes === undefined ? [] : imageSummaries(event.path, bytes)
          }
          case "Checkpointed": {
            const bytes = yield* readIfThere(path.join(event.path, TENSORS_FILE))
            return bytes === undefined ? [] : yield* Effect.fromResult(parameterSummaries(bytes))
          }
          case "Warned":
            return [{ tag: "run/warnings", text: codeBlock(event.message) }]
          case "Finished":
          case "Interrupted":
            return []
        }
      })

      const write = Effect.fnUntraced(function* (event: TrainingEvent) {
        // The state after `update` updates is on record already; what comes next belongs to later ones.
        if (event._tag === "Started" && event.update > 0) yield* append({ kind: "start", step: event.update + 1 })
        const values = yield* summariesOf(event)
        if (values.length > 0) yield* append({ kind: "summary", step: event.update, values })
      })
      const record = (event: TrainingEvent) =>
        write(event).pipe(
          failing(`record ${event._tag} of update ${event.update}`),
          turn.withPermit,
          // A record cut short by an interruption would end the file for its readers.
          Effect.uninterruptible
        )
      return TrainingLog.of({ record })
    })
  )

const writeRecord = Effect.fnUntraced(function* (file: FileSystem.File, content: EventContent) {
  const wallTime = (yield* Clock.currentTimeMillis) / 1000
  yield* file.writeAll(framedRecord(encodeEvent(wallTime, content)))
})

interface EventFile {
  readonly path: string
  readonly file: FileSystem.File
}

/**
 * Opens a new event file. TensorBoard reads a folder's files in the order of their names, so a name begins with the time;
 * where one is taken, the next millisecond's is tried.
 */
const openEventFile = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  yield* fs.makeDirectory(directory, { recursive: true })
  const open = (time: number): Effect.Effect<EventFile, PlatformError, Scope.Scope> => {
    const path = join(directory, eventFileName(time))
    return fs.open(path, { flag: "ax" }).pipe(
      Effect.map((file) => ({ path, file })),
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        () => open(time + 1)
      )
    )
  }
  return yield* open(yield* Clock.currentTimeMillis)
})

/** `events.out.tfevents.<seconds>.<milliseconds>.fovea`, the digits padded so that names sort as times do. */
const eventFileName = (time: number): string => {
  const digits = (value: number, count: number) => String(value).padStart(count, "0")
  return `events.out.tfevents.${digits(Math.floor(time / 1000), 10)}.${digits(time % 1000, 3)}.fovea`
}
