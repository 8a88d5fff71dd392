import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type { Command } from "../../domain/watch/Command.ts"
import type { Course } from "../../domain/watch/Course.ts"
import { type RunFacts, runState } from "../../domain/watch/RunFacts.ts"
import { type RunSummary, runSummary } from "../../domain/watch/RunSummary.ts"
import { explain } from "../file/atomicWrite.ts"
import { lockFile } from "../lock/FolderLock.ts"
import { LockTimes, readLock, touchedAt, vitalityOf } from "../lock/LockOwner.ts"
import { ThisProcess } from "../machine/thisProcess.ts"
import { findRuns, logName } from "./findRuns.ts"
import { type FollowedLog, followedLog, glanceAtLog, readWholeLog } from "./followLog.ts"
import {
  listRunImages,
  obeysCommands,
  type RunFileError,
  readNotes,
  readRunImage,
  sendCommand,
  writeNotes
} from "./runFiles.ts"

/** No run of this name is watched. */
export class UnknownRunError extends Schema.TaggedError<UnknownRunError>()("UnknownRunError", { id: Schema.String }) {
  override get message(): string {
    return `There is no run ${JSON.stringify(this.id)} here any more.`
  }
}

/** The runs of a folder as they stand. */
export interface RunList {
  /** By their ids. */
  readonly runs: ReadonlyArray<ListedRun>
  /** Whether there are more than are followed. */
  readonly more: boolean
}

/** The summary of a run; a new object only where something changed. */
export interface ListedRun {
  readonly summary: RunSummary
  /** Another number if its log has told something new. */
  readonly version: number
}

/** A run's course, and what happened on it. */
export interface RunCourse {
  readonly version: number
  readonly course: Course
  readonly notices: RunFacts["notices"]
}

/** What is shown of one run alone. */
export interface RunDetails {
  readonly settings: Schema.Json | null
  readonly backend: string | null
  readonly parameters: number | null
  readonly images: RunFacts["images"]
  /** Images that the log does not name. */
  readonly others: ReadonlyArray<string>
  readonly notes: string
}

/** The runs that a page shows: read from their folders when asked for, and not oftener than a page can show it. */
export class WatchedRuns extends Context.Service<
  WatchedRuns,
  {
    readonly root: string
    readonly list: Effect.Effect<RunList>
    /** Of at most `most` points. The first asking reads the whole log. */
    readonly course: (id: string, most: number) => Effect.Effect<RunCourse, UnknownRunError>
    readonly details: (id: string) => Effect.Effect<RunDetails, UnknownRunError | RunFileError>
    readonly image: (
      id: string,
      file: string
    ) => Effect.Effect<{ readonly bytes: Uint8Array; readonly mediaType: string }, UnknownRunError | RunFileError>
    readonly saveNotes: (id: string, text: string) => Effect.Effect<void, UnknownRunError | RunFileError>
    readonly command: (id: string, command: Command) => Effect.Effect<void, UnknownRunError | RunFileError>
  }
>()("fovea/layers/WatchedRuns") {}

interface Watched {
  readonly id: string
  readonly folder: string
  readonly log: FollowedLog
  /** One reader at a time: its state is changed as it reads. */
  readonly turn: Semaphore.Semaphore
  problem: string | undefined
  listed: ListedRun | undefined
  text: string
  /** When its course was last asked for, in the count of askings. */
  asked: number
}

/** How often logs are looked at, and runs looked for, in milliseconds. */
const [glanceMillis, findMillis] = [900, 5000]

/** Courses that are held in memory; of more, those go that were asked for longest ago. */
const mostCourses = 256

/** The runs in a folder, which is looked for again and again: those that begin appear, and those that were removed go. */
export const layerWatchedRuns = (root: string): Layer.Layer<WatchedRuns, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    WatchedRuns,
    Effect.gen(function* () {
      const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
      const places = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
      const self = yield* ThisProcess
      const { silence } = yield* LockTimes
      let watched = new Map<string, Watched>()
      let more = false
      let [foundAt, glancedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
      let askings = 0
      const turn = yield* Semaphore.make(1)

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

      const find = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - foundAt < findMillis) return
        const found = yield* findRuns(fs, paths, root)
        const before = watched
        watched = new Map(
          yield* Effect.forEach(found.runs, ({ id, folder }) =>
            Effect.map(Semaphore.make(1), (one): [string, Watched] => {
              const log = followedLog(paths.join(folder, logName))
              const fresh = { id, folder, log, turn: one, problem: undefined, listed: undefined, text: "", asked: 0 }
              return [id, before.get(id) ?? fresh]
            })
          )
        )
        more = found.more
        foundAt = now
      })

      /** What a log could not be read for is said of the run; what was known of it stays. */
      const reading = (run: Watched, read: ReturnType<typeof glanceAtLog>) =>
        read.pipe(
          Effect.matchEffect({
            onFailure: (error) => Effect.sync(() => (run.problem = `its log cannot be read: ${explain(error)}`)),
            onSuccess: () => Effect.sync(() => (run.problem = problemOf(run.log)))
          }),
          run.turn.withPermit
        )

      const glance = Effect.fnUntraced(function* (run: Watched) {
        yield* reading(run, glanceAtLog(fs, run.log))
        const { id, folder, log, problem } = run
        const held = log.facts.end === "finished" ? false : yield* isHeld(folder)
        const obeys = held ? yield* obeysCommands({ root, folder }) : false
        const state = runState(log.facts, held, yield* Clock.currentTimeMillis)
        const summary = runSummary(log.facts, { id, state, obeys, problem })
        const text = JSON.stringify(summary)
        if (run.listed !== undefined && text === run.text && run.listed.version === log.version) return
        run.text = text
        run.listed = { summary, version: log.version }
      })

      const refresh = Effect.gen(function* () {
        yield* find
        const now = yield* Clock.currentTimeMillis
        if (now - glancedAt < glanceMillis) return
        yield* Effect.forEach(watched.values(), glance, { concurrency: 4, discard: true })
        glancedAt = yield* Clock.currentTimeMillis
      }).pipe(Effect.provideContext(places), turn.withPermit)

      const runNamed = Effect.fnUntraced(function* (id: string) {
        if (watched.size === 0) yield* refresh
        return watched.get(id) ?? (yield* new UnknownRunError({ id }))
      })

      const forgetOldCourses = (): void => {
        const held = [...watched.values()].filter(({ log }) => log.course !== undefined)
        for (const run of held.toSorted((a, b) => b.asked - a.asked).slice(mostCourses)) run.log.course = undefined
      }

      return WatchedRuns.of({
        root,
        list: Effect.map(refresh, () => ({
          runs: [...watched.values()].flatMap(({ listed }) => (listed === undefined ? [] : [listed])),
          more
        })),
        course: Effect.fn("WatchedRuns.course")(function* (id: string, most: number) {
          const run = yield* runNamed(id)
          run.asked = ++askings
          yield* reading(run, readWholeLog(fs, run.log))
          forgetOldCourses()
          const { course, facts, version } = run.log
          const empty: Course = { updates: [], epochs: [], times: [], metrics: {} }
          return { version, course: course?.course(most) ?? empty, notices: facts.notices }
        }),
        details: (id) =>
          Effect.gen(function* () {
            const run = yield* runNamed(id)
            const { folder, log } = run
            if (log.course === undefined) yield* reading(run, readWholeLog(fs, log))
            const { settings = null, backend = null, parameters = null, images } = log.facts
            const known = new Set(images.map(({ path }) => path))
            const listed = yield* listRunImages({ root, folder })
            const others = listed.filter((path) => !known.has(path))
            return { settings, backend, parameters, images, others, notes: yield* readNotes({ root, folder }) }
          }).pipe(Effect.provideContext(places)),
        image: (id, file) =>
          Effect.flatMap(runNamed(id), ({ folder }) => readRunImage({ root, folder }, file)).pipe(
            Effect.provideContext(places)
          ),
        saveNotes: (id, text) =>
          Effect.flatMap(runNamed(id), ({ folder }) => writeNotes({ root, folder }, text)).pipe(
            Effect.provideContext(places)
          ),
        command: (id, command) =>
          Effect.flatMap(runNamed(id), ({ folder }) => sendCommand({ root, folder }, command)).pipe(
            Effect.provideContext(places)
          )
      })
    })
  )

const problemOf = ({ damaged }: FollowedLog): string | undefined =>
  damaged === 0 ? undefined : `${damaged} ${damaged === 1 ? "line" : "lines"} of its log are damaged or cut short`
