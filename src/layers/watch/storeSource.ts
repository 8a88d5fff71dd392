import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { courseBuilder } from "../../domain/watch/Course.ts"
import type { QueueError } from "../queue/queueErrors.ts"
import { layerSqlRunFiles, RunFiles } from "../queue/RunFiles.ts"
import { Database } from "../sql/Database.ts"
import { type FollowedLog, followedLog, mostPoints, takeLine } from "./followLog.ts"
import { commandsName } from "./RunCommands.ts"
import type { RunSource, SourcedRun } from "./RunSource.ts"
import { imageOf, notesName, notesTooLarge, RunFileError } from "./runFiles.ts"

/** Runs that are followed, lines that are asked for at a time, and of a log that is only glanced at: its beginning and its end. */
const [mostRuns, mostLines, headLines, tailLines] = [1000, 500, 5, 200]

/**
 * The runs of a queue's database that keeps their logs there, by the ids of their points. Whoever is late in asking gets what is there;
 * a point is held while the queue says that it is being trained.
 */
export const storeSource: Effect.Effect<RunSource, never, Database> = Effect.gen(function* () {
  const database = yield* Database
  const { read, sql } = database
  let running: ReadonlySet<string> = new Set()

  const find = Effect.gen(function* () {
    const points = yield* read(
      "list points",
      sql<{ readonly id: string; readonly state: string }>`SELECT id, state FROM fovea_points
        WHERE id IN (SELECT DISTINCT run FROM fovea_log_lines) ORDER BY place LIMIT ${mostRuns + 1}`
    )
    running = new Set(points.filter(({ state }) => state === "running").map(({ id }) => id))
    const runs = points.slice(0, mostRuns).map(({ id }) => ({ id, open: () => open(id) }))
    return { runs, more: points.length > mostRuns }
  })

  const lastLine = (run: string) =>
    Effect.map(
      read(
        "read a log",
        sql<{ readonly last: number }>`SELECT coalesce(max(line), 0) AS last FROM fovea_log_lines WHERE run = ${run}`
      ),
      ([row]) => Number(row?.last ?? 0)
    )

  /** Reads the lines from behind `offset` up to `last`, some at a time. */
  const readOn = Effect.fnUntraced(function* (run: string, log: FollowedLog, last: number) {
    while (log.offset < last) {
      const lines = yield* read(
        "read a log",
        sql<{ readonly line: number; readonly content: string }>`SELECT line, content FROM fovea_log_lines
          WHERE run = ${run} AND line > ${log.offset} AND line <= ${last} ORDER BY line LIMIT ${mostLines}`
      )
      for (const { content } of lines) takeLine(log, content)
      log.version++
      if (lines.length < mostLines) log.offset = last
      else log.offset = Number(lines.at(-1)?.line ?? last)
      yield* Effect.yieldNow
    }
  })

  const open = (run: string): SourcedRun => {
    const log = followedLog(run)
    /** Beside what is shown, until it is done. */
    const anew = Effect.fnUntraced(function* (last: number, whole: boolean) {
      const fresh = followedLog(run)
      if (whole) fresh.course = courseBuilder(mostPoints)
      else if (last > headLines + tailLines) {
        yield* readOn(run, fresh, headLines)
        fresh.offset = last - tailLines
      }
      yield* readOn(run, fresh, last)
      Object.assign(log, { ...fresh, version: log.version + 1 })
    })
    const glance: Effect.Effect<void, QueueError> = Effect.gen(function* () {
      const last = yield* lastLine(run)
      if (last === log.offset) return
      // A log that is thinned begins to count anew.
      if (log.offset === 0 || last < log.offset) yield* anew(last, log.course !== undefined)
      else yield* readOn(run, log, last)
    })
    const files = Effect.provide(RunFiles, layerSqlRunFiles({ run })).pipe(Effect.provideService(Database, database))
    const failing = (file: string) =>
      Effect.mapError(({ message }: { readonly message: string }) => new RunFileError({ file, problem: message }))
    return {
      log,
      glance,
      readWhole: Effect.suspend(() =>
        log.course === undefined ? Effect.flatMap(lastLine(run), (last) => anew(last, true)) : glance
      ),
      standing: Effect.sync(() => ({ held: running.has(run), obeys: false })),
      images: Effect.flatMap(files, ({ list }) => list).pipe(
        Effect.map((names) => names.filter((name) => /\.(png|webp)$/i.test(name))),
        failing("images")
      ),
      image: Effect.fnUntraced(
        function* (file: string) {
          const bytes = yield* Effect.flatMap(files, ({ get }) => get(file))
          if (Option.isNone(bytes)) return yield* new RunFileError({ file, problem: "is no file of the run" })
          return yield* imageOf(file, bytes.value)
        },
        (effect, file) => failing(file)(effect)
      ),
      notes: Effect.flatMap(files, ({ get }) => get(notesName)).pipe(
        Effect.map(Option.match({ onNone: () => "", onSome: (bytes) => new TextDecoder().decode(bytes) })),
        failing(notesName)
      ),
      saveNotes: (text) => {
        const bytes = new TextEncoder().encode(text)
        const problem = notesTooLarge(bytes.length)
        if (problem !== undefined) return Effect.fail(new RunFileError({ file: notesName, problem }))
        return Effect.flatMap(files, ({ put }) => put(notesName, bytes)).pipe(failing(notesName))
      },
      command: () =>
        Effect.fail(
          new RunFileError({
            file: commandsName,
            problem: `a run in ${database.location} takes no commands here: fovea sweep cancel ends it`
          })
        )
    }
  }
  return { find }
})
