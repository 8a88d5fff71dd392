import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { layerSql, readSqlLog } from "../../../src/layers/log/sql.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { layerSqlite } from "../../../src/layers/sql/sqlite.ts"
import { progress } from "./trainingEvents.ts"

const inStore = <A, E>(use: Effect.Effect<A, E, Database>) =>
  Effect.gen(function* () {
    const folder = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "fovea-sql-log-" }))
    return yield* Effect.provide(use, layerSqlite({ file: `${folder}/store.sqlite` }))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const record = (events: ReadonlyArray<TrainingEvent>, mostBytes?: number) =>
  Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
    Effect.provide(layerSql({ run: "a", mostBytes }), { local: true })
  )

const updatesOf = Effect.map(readSqlLog("a"), ({ records }) => records.map(({ event }) => event.update))

/** Bytes of the log, its lines with their ends. */
const sizeOf = Database.use(({ sql }) =>
  Effect.map(sql<{ readonly content: string }>`SELECT content FROM fovea_log_lines WHERE run = 'a'`, (rows) =>
    rows.reduce((sum, { content }) => sum + content.length + 1, 0)
  )
)

const lineBytes = checkedLine({ time: new Date(0).toISOString(), ...progress({ update: 1000 }) }).length + 1
const reports = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => progress({ update: 1000 + from + i }))

describe("a log in a database", () => {
  it.effect("is thinned once it is longer than its bound, not as long, and has whole lines alone", () =>
    inStore(
      Effect.gen(function* () {
        yield* record(reports(0, 10), 10 * lineBytes)
        assert.strictEqual(yield* sizeOf, 10 * lineBytes)
        yield* record(reports(10, 1), 10 * lineBytes)
        const { records, tornLines, damagedLines } = yield* readSqlLog("a")
        const updates = records.map(({ event }) => event.update)
        assert.isBelow(updates.length, 8)
        assert.deepStrictEqual([updates[0], updates.at(-1)], [1000, 1010])
        assert.deepStrictEqual([tornLines, damagedLines], [[], []])
        assert.strictEqual(yield* sizeOf, updates.length * lineBytes)
      })
    )
  )

  it.effect("counts the ends of its lines", () =>
    inStore(
      Effect.gen(function* () {
        yield* record(reports(0, 10), 10 * lineBytes - 1)
        assert.isBelow(yield* sizeOf, 8 * lineBytes)
      })
    )
  )

  it.effect("says which log of which store it is that the database cannot write or read", () =>
    inStore(
      Effect.gen(function* () {
        const { location, sql } = yield* Database
        const broken = Effect.andThen(
          sql`DROP TABLE fovea_log_lines`,
          TrainingLog.use((log) => log.record(progress()))
        )
        const writing = yield* Effect.flip(Effect.provide(broken, layerSql({ run: "a" }), { local: true }))
        assert.include(
          writing.message,
          `The training log ${location} log of run a failed to record Progress of update 1200: `
        )
        const reading = yield* Effect.flip(readSqlLog("a"))
        assert.include(reading.message, `The training log ${location} log of run a failed to read: `)
      })
    )
  )

  it.effect("never grows far beyond its bound, in one run or in several that go on with it", () =>
    inStore(
      Effect.gen(function* () {
        for (let from = 0; from < 120; from += 40) {
          yield* record(reports(from, 40), 20 * lineBytes)
          assert.isAtMost(yield* sizeOf, 20 * lineBytes)
        }
        const updates = yield* updatesOf
        assert.deepStrictEqual([updates[0], updates.at(-1)], [1000, 1119])
      })
    )
  )

  it.effect("of what happened only stays as it is, and is thinned anew ever more rarely", () =>
    inStore(
      Effect.gen(function* () {
        const events = Array.from({ length: 100 }, (_, update): TrainingEvent => ({ _tag: "Interrupted", update }))
        const database = yield* Database
        let thinnings = 0
        const counted = Database.of({
          ...database,
          write: (what, effect) => {
            if (what === "thin a log") thinnings++
            return database.write(what, effect)
          }
        })
        yield* Effect.provideService(record(events, 500), Database, counted)
        assert.deepStrictEqual(
          yield* updatesOf,
          events.map(({ update }) => update)
        )
        // Twice as long as at the last time each time.
        assert.isAtLeast(thinnings, 3)
        assert.isAtMost(thinnings, 7)
      })
    )
  )
})
