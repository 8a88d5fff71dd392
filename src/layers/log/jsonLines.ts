import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { explain } from "../file/atomicWrite.ts"
import { TrainingLog, TrainingLogError } from "./TrainingLog.ts"

/**
 * The JSON form of an event. JSON has no NaN and no infinities: they are written as the strings `"NaN"`, `"Infinity"`
 * and `"-Infinity"` (and -0 as 0), and read back as the numbers.
 */
export const eventAsJson = Schema.toCodecJson(TrainingEvent)
const encodeEvent = Schema.encodeEffect(eventAsJson)

const lineFeed = 10

/**
 * Appends every event as one line, a JSON object: its time (ISO 8601, UTC), then the event's own fields.
 *
 * Folders and file are made if missing; an existing file is gone on with, on a fresh line if a crash tore its last.
 * A recorded line has been handed to the operating system and survives the end of this process however it comes.
 * Everything but `Progress` is also waited for until it is on the disk, with all before it: after a power cut a run
 * goes on from a checkpoint, and what was logged up to that checkpoint is there.
 */
export const layerJsonLines = (
  path: string
): Layer.Layer<TrainingLog, TrainingLogError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    TrainingLog,
    Effect.gen(function* () {
      const failing = (action: string) =>
        Effect.mapError(
          (cause: PlatformError | Schema.SchemaError) =>
            new TrainingLogError({ log: path, action, reason: explain(cause) })
        )
      const file = yield* openForAppending(path).pipe(failing("open"))
      const turn = yield* Semaphore.make(1)
      // Set while it is not certain that the file ends with a whole line.
      let torn = yield* endsTorn(file).pipe(failing("open"))

      const append = Effect.fnUntraced(function* (event: TrainingEvent) {
        const time = new Date(yield* Clock.currentTimeMillis).toISOString()
        const fields = yield* encodeEvent(event)
        const line = `${torn ? "\n" : ""}${JSON.stringify(Object.assign({ time }, fields))}\n`
        torn = true
        yield* file.writeAll(new TextEncoder().encode(line))
        torn = false
        if (event._tag !== "Progress") yield* file.sync
      })

      const record = (event: TrainingEvent) =>
        append(event).pipe(
          failing(`record ${event._tag} of update ${event.update}`),
          turn.withPermit,
          // A line cut short by an interruption would be a torn one.
          Effect.uninterruptible
        )
      return TrainingLog.of({ record })
    })
  )

const openForAppending = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  yield* fs.makeDirectory(dirname(path), { recursive: true })
  const open = fs.open(path, { flag: "a+" })
  return yield* Effect.acquireRelease(open, (file) => Effect.ignore(file.sync))
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
