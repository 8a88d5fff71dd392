import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type { Command } from "../../domain/watch/Command.ts"
import type { Course } from "../../domain/watch/Course.ts"
import { type RunFacts, runState } from "../../domain/watch/RunFacts.ts"
import { type RunSummary, runSummary } from "../../domain/watch/RunSummary.ts"
import { explain } from "../file/atomicWrite.ts"
import type { FollowedLog } from "./followLog.ts"
import type { RunImage, RunSource, SourcedRun } from "./RunSource.ts"
import type { RunFileError } from "./runFiles.ts"

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
  /** Of the last samples that were measured, the share of each class. */
  readonly classes: ReadonlyArray<number> | null
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

/** The runs that a page shows: read from where they are kept when asked for, and not oftener than a page can show it. */
export class WatchedRuns extends Context.Service<
  WatchedRuns,
  {
    readonly list: Effect.Effect<RunList>
    /** Of at most `most` points. The first asking reads the whole log. */
    readonly course: (id: string, most: number) => Effect.Effect<RunCourse, UnknownRunError>
    readonly details: (id: string) => Effect.Effect<RunDetails, UnknownRunError | RunFileError>
    readonly image: (id: string, file: string) => Effect.Effect<RunImage, UnknownRunError | RunFileError>
    readonly saveNotes: (id: string, text: string) => Effect.Effect<void, UnknownRunError | RunFileError>
    readonly command: (id: string, command: Command) => Effect.Effect<void, UnknownRunError | RunFileError>
  }
>()("fovea/layers/WatchedRuns") {}

interface Watched {
  readonly id: string
  readonly run: SourcedRun
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

/** The runs of a source, which are looked for again and again: those that begin appear, and those that were removed go. */
export const layerWatchedRuns = <E, R>(source: Effect.Effect<RunSource, E, R>): Layer.Layer<WatchedRuns, E, R> =>
  Layer.effect(
    WatchedRuns,
    Effect.gen(function* () {
      const { find: findIn } = yield* source
      let watched = new Map<string, Watched>()
      let more = false
      let [foundAt, glancedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
      let askings = 0
      const turn = yield* Semaphore.make(1)

      const find = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - foundAt < findMillis) return
        const found = yield* findIn
        const before = watched
        watched = new Map(
          yield* Effect.forEach(found.runs, ({ id, open }) =>
            Effect.map(Semaphore.make(1), (one): [string, Watched] => {
              const known = before.get(id)
              if (known !== undefined) return [id, known]
              return [id, { id, run: open(), turn: one, problem: undefined, listed: undefined, text: "", asked: 0 }]
            })
          )
        )
        more = found.more
        foundAt = now
      })

      /** What a log could not be read for is said of the run; what was known of it stays. */
      const reading = (one: Watched, read: Effect.Effect<void, Error>) =>
        read.pipe(
          Effect.matchEffect({
            onFailure: (error) => Effect.sync(() => (one.problem = `its log cannot be read: ${explain(error)}`)),
            onSuccess: () => Effect.sync(() => (one.problem = problemOf(one.run.log)))
          }),
          one.turn.withPermit
        )

      const glance = Effect.fnUntraced(function* (one: Watched) {
        const { id, run } = one
        yield* reading(one, run.glance)
        const { facts, version } = run.log
        const { held, obeys } = yield* run.standing
        const state = runState(facts, held, yield* Clock.currentTimeMillis)
        const summary = runSummary(facts, { id, state, obeys, problem: one.problem })
        const text = JSON.stringify(summary)
        if (one.listed !== undefined && text === one.text && one.listed.version === version) return
        one.text = text
        one.listed = { summary, version }
      })

      const refresh = Effect.gen(function* () {
        // Where runs cannot be looked for now, those that are known are looked at.
        yield* Effect.catch(find, (error) => Effect.logWarning(`Runs cannot be looked for: ${error.message}`))
        const now = yield* Clock.currentTimeMillis
        if (now - glancedAt < glanceMillis) return
        yield* Effect.forEach(watched.values(), glance, { concurrency: 4, discard: true })
        glancedAt = yield* Clock.currentTimeMillis
      }).pipe(turn.withPermit)

      const named = Effect.fnUntraced(function* (id: string) {
        if (watched.size === 0) yield* refresh
        return watched.get(id) ?? (yield* new UnknownRunError({ id }))
      })
      const runNamed = (id: string) => Effect.map(named(id), ({ run }) => run)

      const forgetOldCourses = (): void => {
        const held = [...watched.values()].filter(({ run }) => run.log.course !== undefined)
        for (const { run } of held.toSorted((a, b) => b.asked - a.asked).slice(mostCourses)) run.log.course = undefined
      }

      return WatchedRuns.of({
        list: Effect.map(refresh, () => ({
          runs: [...watched.values()].flatMap(({ listed }) => (listed === undefined ? [] : [listed])),
          more
        })),
        course: Effect.fn("WatchedRuns.course")(function* (id: string, most: number) {
          const one = yield* named(id)
          one.asked = ++askings
          yield* reading(one, one.run.readWhole)
          forgetOldCourses()
          const { course, facts, version } = one.run.log
          const empty: Course = { updates: [], epochs: [], times: [], metrics: {} }
          return {
            version,
            course: course?.course(most) ?? empty,
            notices: facts.notices,
            classes: facts.classes ?? null
          }
        }),
        details: Effect.fn("WatchedRuns.details")(function* (id: string) {
          const one = yield* named(id)
          if (one.run.log.course === undefined) yield* reading(one, one.run.readWhole)
          const { settings = null, backend = null, parameters = null, images } = one.run.log.facts
          const known = new Set(images.map(({ path }) => path))
          const others = (yield* one.run.images).filter((path) => !known.has(path))
          return { settings, backend, parameters, images, others, notes: yield* one.run.notes }
        }),
        image: (id, file) => Effect.flatMap(runNamed(id), (run) => run.image(file)),
        saveNotes: (id, text) => Effect.flatMap(runNamed(id), (run) => run.saveNotes(text)),
        command: (id, command) => Effect.flatMap(runNamed(id), (run) => run.command(command))
      })
    })
  )

const problemOf = ({ damaged }: FollowedLog): string | undefined =>
  damaged === 0 ? undefined : `${damaged} ${damaged === 1 ? "line" : "lines"} of its log are damaged or cut short`
