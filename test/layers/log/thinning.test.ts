import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { systemError } from "effect/PlatformError"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { eventsOf, newPath, write } from "../../support/jsonLog.ts"
import { withWarnings } from "../../support/withWarnings.ts"
import { progress } from "./trainingEvents.ts"

describe("layerJsonLines", () => {
  it.effect("thins what repeats once it has grown too long, and keeps what happened and what came last", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const updates = Array.from({ length: 2000 }, (_, i) => i + 1)
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        for (const update of updates) {
          yield* record(progress({ update }))
          assert.isBelow(Number((yield* fs.stat(path)).size), 20_000 + 400)
          if (update % 100 === 0) yield* record({ _tag: "Checkpointed", update, path: `update-${update}` })
          if (update % 10 === 0) yield* record({ _tag: "Warned", update, message: `collapse: at ${update}` })
          if (update % 1000 === 700) yield* record({ _tag: "Warned", update, message: `alone ${update}` })
        }
      }).pipe(Effect.provide(layerJsonLines(path, { mostBytes: 20_000 })))
      const events = yield* eventsOf(path)
      const warned = events.flatMap((event) => (event._tag === "Warned" ? [event] : []))
      // A warning that is the only one of its words stays; of many with the same ones some do, the ends among them.
      assert.deepStrictEqual(
        warned.flatMap(({ update, message }) => (message.startsWith("alone") ? [update] : [])),
        [700, 1700]
      )
      const repeated = warned.flatMap(({ update, message }) => (message.startsWith("collapse") ? [update] : []))
      assert.deepStrictEqual([repeated[0], repeated.at(-1)], [10, 2000])
      assert.isBelow(repeated.length, 100)
      const told = events.flatMap(({ _tag, update }) => (_tag === "Progress" ? [update] : []))
      assert.isAtLeast(told.length, 30)
      assert.deepStrictEqual(
        told,
        [...told].sort((left, right) => left - right)
      )
      assert.strictEqual(told[0], 1)
      assert.strictEqual(told.at(-1), 2000)
      const gaps = told.slice(1).map((update, i) => update - (told[i] ?? 0))
      assert.isAtMost(Math.max(...gaps), 250, "the early course is still told")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("writes a log that cannot be thinned anew ever more rarely", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const inner = yield* FileSystem.FileSystem
      let rewrites = 0
      const fs: FileSystem.FileSystem = {
        ...inner,
        rename: (from, to) =>
          Effect.andThen(
            Effect.sync(() => rewrites++),
            inner.rename(from, to)
          )
      }
      const events = Array.from({ length: 512 }, (_, update): TrainingEvent => ({ _tag: "Interrupted", update }))
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record)).pipe(
        Effect.provide(layerJsonLines(path, { mostBytes: 100 })),
        Effect.provideService(FileSystem.FileSystem, fs)
      )
      // The file is 512 lines of about 100 bytes at the end, twice as long as at the last time each time.
      assert.isAtLeast(rewrites, 5)
      assert.isAtMost(rewrites, 10)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("is thinned once it is longer than its bound, not as long, and wants a positive one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      for (const mostBytes of [0, -1, 1.5, Number.NaN]) {
        const opening = Effect.scoped(Layer.build(layerJsonLines(path, { mostBytes })))
        assert.include((yield* Effect.flip(opening)).message, `mostBytes must be a positive integer, not ${mostBytes}`)
      }
      assert.isFalse(yield* fs.exists(path))
      yield* write(path, [progress({ update: 1 })])
      const line = (yield* fs.readFile(path)).length
      yield* fs.remove(path)
      const inodes: Array<unknown> = []
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        for (const update of [1, 2, 3]) {
          yield* record(progress({ update }))
          inodes.push((yield* fs.stat(path)).ino)
        }
      }).pipe(Effect.provide(layerJsonLines(path, { mostBytes: 2 * line })))
      assert.deepStrictEqual(inodes[0], inodes[1])
      assert.notDeepEqual(inodes[1], inodes[2])
      yield* Effect.scoped(Layer.build(layerJsonLines(path, { mostBytes: 1 })))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect(
    "goes on where it cannot be thinned, says so, and tries again only when it has grown as much once more",
    () =>
      Effect.gen(function* () {
        const path = yield* newPath
        const inner = yield* FileSystem.FileSystem
        let tries = 0
        const fs: FileSystem.FileSystem = {
          ...inner,
          rename: () => {
            tries++
            return Effect.fail(systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "rename" }))
          }
        }
        const events = Array.from({ length: 100 }, (_, update) => progress({ update }))
        const { lines } = yield* withWarnings(
          Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record)).pipe(
            Effect.provide(layerJsonLines(path, { mostBytes: 5000 })),
            Effect.provideService(FileSystem.FileSystem, fs)
          )
        )
        // A hundred lines of about 270 bytes.
        assert.isAtLeast(tries, 3)
        assert.isAtMost(tries, 8)
        assert.strictEqual(lines.length, tries)
        for (const line of lines) assert.match(line, /^The log stays long: .*log\.jsonl cannot be written/)
        assert.deepStrictEqual(yield* eventsOf(path), events)
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leaves a log alone that consists of what happened only", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const events = Array.from({ length: 200 }, (_, update): TrainingEvent => ({ _tag: "Interrupted", update }))
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record)).pipe(
        Effect.provide(layerJsonLines(path, { mostBytes: 100 }))
      )
      assert.deepStrictEqual(yield* eventsOf(path), events)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
