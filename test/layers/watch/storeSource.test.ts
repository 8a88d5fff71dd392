import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { lineOfEvent } from "../../../src/layers/log/jsonLines.ts"
import { layerSql as layerSqlLog } from "../../../src/layers/log/sql.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerSqlRunFiles, RunFiles } from "../../../src/layers/queue/RunFiles.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { layerSqlite } from "../../../src/layers/sql/sqlite.ts"
import { storeSource } from "../../../src/layers/watch/storeSource.ts"
import { layerWatchedRuns, WatchedRuns } from "../../../src/layers/watch/WatchedRuns.ts"
import { pointOf, workerOf } from "../../support/queues.ts"

const started: TrainingEvent = {
  _tag: "Started",
  name: "mine",
  settings: { seed: 1 },
  update: 0,
  totalUpdates: 9000,
  backend: "reference",
  parameters: 7
}
const progress = (update: number): TrainingEvent => ({
  _tag: "Progress",
  update,
  totalUpdates: 9000,
  epoch: update / 10,
  metrics: { loss: update },
  updatesPerSecond: 5,
  secondsLeft: 1
})
const drawn: TrainingEvent = { _tag: "PictureWritten", update: 20, path: "/tmp/fovea-point-x/samples.png" }
const png = Uint8Array.from(
  Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64")
)

const inScratch = Layer.unwrap(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return layerSqlite({ file: `${yield* fs.makeTempDirectoryScoped()}/store.sqlite` })
  })
)
const store = layerSql.pipe(Layer.provideMerge(inScratch), Layer.provideMerge(NodeServices.layer))

const recorded = (events: ReadonlyArray<TrainingEvent>, mostBytes?: number) =>
  Effect.gen(function* () {
    const log = yield* TrainingLog
    for (const event of events) yield* log.record(event)
  }).pipe(Effect.provide(layerSqlLog({ run: "a", mostBytes }), { local: true }))

/** As many records are written line by line in seconds: all in one transaction. */
const recordedAtOnce = Effect.fnUntraced(function* (events: ReadonlyArray<TrainingEvent>) {
  const { sql, write } = yield* Database
  const lines = yield* Effect.forEach(events, lineOfEvent)
  const insert = (content: string) => sql`
    INSERT INTO fovea_log_lines (run, line, content)
    SELECT 'a', coalesce(max(line), 0) + 1, ${content} FROM fovea_log_lines WHERE run = 'a'`
  yield* write("write a log", Effect.forEach(lines, insert, { discard: true }))
})

describe("the runs of a queue's database", () => {
  it.live("are followed as those in folders are: log, course, images and notes", () =>
    Effect.gen(function* () {
      const queue = yield* TrainingQueue
      yield* queue.submit({ name: "s", plan: "{}" }, [pointOf("a"), pointOf("b")])
      yield* queue.claim(workerOf("w"))
      yield* recorded([started, progress(10), drawn])
      const files = yield* Effect.provide(RunFiles, layerSqlRunFiles({ run: "a" }))
      yield* files.put("samples.png", png)
      const runs = yield* Effect.provideContext(WatchedRuns, yield* Layer.build(layerWatchedRuns(storeSource)))

      // What has no log yet is not shown.
      const [first, ...others] = (yield* runs.list).runs
      assert.deepStrictEqual(others, [])
      assert.deepInclude(first?.summary, { id: "a", name: "mine", state: "running", update: 10, obeys: false })
      assert.deepStrictEqual((yield* runs.course("a", 100)).course.updates, [10])

      // More lines than are asked for at a time; then a log that begins anew because it was thinned.
      const many = Array.from({ length: 1100 }, (_, i) => progress(20 + i))
      yield* recordedAtOnce(many)
      assert.strictEqual((yield* runs.course("a", 600)).course.updates.at(-1), 1119)
      yield* recorded([progress(2000)], 1000)
      const { course } = yield* runs.course("a", 600)
      assert.strictEqual(course.updates.at(-1), 2000)
      assert.isAbove(course.updates.length, 100)

      const details = yield* runs.details("a")
      assert.deepStrictEqual(details.images, [{ update: 20, path: "samples.png" }])
      assert.deepStrictEqual((yield* runs.image("a", "samples.png")).bytes, png)
      yield* runs.saveNotes("a", "good <b>")
      assert.strictEqual((yield* runs.details("a")).notes, "good <b>")
      assert.strictEqual((yield* Effect.flip(runs.saveNotes("a", "x".repeat(70_000))))._tag, "RunFileError")
      assert.match((yield* Effect.flip(runs.image("a", "notes.txt"))).message, /neither PNG nor WebP/)
      assert.match((yield* Effect.flip(runs.command("a", { _tag: "Stop" }))).message, /takes no commands here/)
      assert.strictEqual((yield* Effect.flip(runs.details("b")))._tag, "UnknownRunError")
    }).pipe(Effect.scoped, Effect.provide(store, { local: true }))
  )

  it.live("is only glanced at where nobody asked for more: its beginning and its end", () =>
    Effect.gen(function* () {
      const queue = yield* TrainingQueue
      yield* queue.submit({ name: "s", plan: "{}" }, [pointOf("a")])
      yield* recordedAtOnce([started, ...Array.from({ length: 700 }, (_, i) => progress(i + 1))])
      const { find } = yield* storeSource
      const run = (yield* find).runs[0]?.open()
      if (run === undefined) return assert.fail("there is no run")
      yield* run.glance
      assert.deepInclude(run.log.facts, { name: "mine", update: 700 })
      assert.isUndefined(run.log.course)
      assert.strictEqual(run.log.damaged, 0)
    }).pipe(Effect.scoped, Effect.provide(store, { local: true }))
  )
})
