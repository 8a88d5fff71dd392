import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { lockFile } from "../lock/FolderLock.ts"
import { LockTimes, readLock, touchedAt, vitalityOf } from "../lock/LockOwner.ts"
import { ThisProcess } from "../machine/thisProcess.ts"
import { findRuns, logName } from "./findRuns.ts"
import { followedLog, glanceAtLog, readWholeLog } from "./followLog.ts"
import type { RunSource, SourcedRun } from "./RunSource.ts"
import { listRunImages, obeysCommands, readNotes, readRunImage, sendCommand, writeNotes } from "./runFiles.ts"

/** The runs in a folder, by their paths below it; `.` is the folder itself. */
export const folderSource = Effect.fnUntraced(function* (
  root: string
): Effect.fn.Return<RunSource, never, FileSystem.FileSystem | Path.Path> {
  const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const places = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const self = yield* ThisProcess
  const { silence } = yield* LockTimes

  const isHeld = Effect.fnUntraced(
    function* (folder: string) {
      const path = paths.join(folder, lockFile)
      const lock = yield* readLock(fs, path)
      if (lock.kind !== "held") return false
      const touched = yield* touchedAt(yield* Effect.option(fs.stat(path)))
      return vitalityOf(lock.owner, self, { touched, now: yield* Clock.currentTimeMillis, silence }).lives
    },
    Effect.orElseSucceed(() => false)
  )
  const open = (folder: string): SourcedRun => {
    const place = { root, folder }
    const log = followedLog(paths.join(folder, logName))
    const standing = Effect.gen(function* () {
      const held = log.facts.end === "finished" ? false : yield* isHeld(folder)
      return { held, obeys: held && (yield* obeysCommands(place)) }
    })
    return {
      log,
      glance: glanceAtLog(fs, log),
      readWhole: readWholeLog(fs, log),
      standing: Effect.provideContext(standing, places),
      images: Effect.provideContext(listRunImages(place), places),
      image: (file) => Effect.provideContext(readRunImage(place, file), places),
      notes: Effect.provideContext(readNotes(place), places),
      saveNotes: (text) => Effect.provideContext(writeNotes(place, text), places),
      command: (command) => Effect.provideContext(sendCommand(place, command), places)
    }
  }
  return {
    find: Effect.map(findRuns(fs, paths, root), ({ runs, more }) => ({
      runs: runs.map(({ id, folder }) => ({ id, open: () => open(folder) })),
      more
    }))
  }
})
