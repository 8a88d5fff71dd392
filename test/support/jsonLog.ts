import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { TrainingEvent } from "../../src/domain/experiment/TrainingEvent.ts"
import { openedFile } from "../../src/layers/file/guardedFileSystem.ts"
import { layerJsonLines } from "../../src/layers/log/jsonLines.ts"
import { readJsonLines } from "../../src/layers/log/readJsonLines.ts"
import { TrainingLog } from "../../src/layers/log/TrainingLog.ts"

/** A path for a log in a temporary folder of its own: neither the file nor the two folders above it are there yet. */
export const newPath = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return `${yield* fs.makeTempDirectoryScoped({ prefix: "fovea-log-" })}/runs/one/log.jsonl`
})

/** Opens a log, records the events in it, and closes it. */
export const write = (path: string, events: ReadonlyArray<TrainingEvent>) =>
  Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
    Effect.provide(layerJsonLines(path), { local: true })
  )

/** The same file system, whose opened files do some things in another way. */
export const withFile = (
  fs: FileSystem.FileSystem,
  changesOf: (file: FileSystem.File) => Partial<FileSystem.File>
): FileSystem.FileSystem => ({
  ...fs,
  open: (path, options) => Effect.map(fs.open(path, options), (file) => openedFile(file, changesOf(file)))
})

/** The events that are read from a log. */
export const eventsOf = (path: string) =>
  Effect.map(readJsonLines(path), ({ records }) => records.map(({ event }) => event))
