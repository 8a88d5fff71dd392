import { execFileSync } from "node:child_process"
import { dirname } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { systemError } from "effect/PlatformError"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { openedFile } from "../../../src/layers/file/guardedFileSystem.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { withWarnings } from "../../support/withWarnings.ts"
import { logContract } from "./logContract.ts"
import { anyEvent, oneOfEach, progress } from "./trainingEvents.ts"

const newPath = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return `${yield* fs.makeTempDirectoryScoped({ prefix: "fovea-log-" })}/runs/one/log.jsonl`
})

const write = (path: string, events: ReadonlyArray<TrainingEvent>) =>
  Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
    Effect.provide(layerJsonLines(path), { local: true })
  )

/** The same file system, whose opened files do some things in another way. */
const withFile = (
  fs: FileSystem.FileSystem,
  changesOf: (file: FileSystem.File) => Partial<FileSystem.File>
): FileSystem.FileSystem => ({
  ...fs,
  open: (path, options) => Effect.map(fs.open(path, options), (file) => openedFile(file, changesOf(file)))
})

const eventsOf = (path: string) => Effect.map(readJsonLines(path), ({ records }) => records.map(({ event }) => event))

logContract(
  "layerJsonLines",
  Effect.gen(function* () {
    const path = yield* newPath
    const fs = yield* FileSystem.FileSystem
    return {
      layer: Layer.provide(layerJsonLines(path), NodeServices.layer),
      kept: Effect.provideService(eventsOf(path), FileSystem.FileSystem, fs),
      expected: (events: ReadonlyArray<TrainingEvent>) => events
    }
  }).pipe(Effect.provide(NodeServices.layer), Effect.orDie)
)

describe("layerJsonLines", () => {
  it.effect("writes an object a line, its time first, and numbers JSON has not as strings", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))
      yield* write(path, [
        progress({ metrics: { generatorLoss: Number.NaN, other: -Infinity }, secondsLeft: Infinity }),
        { _tag: "Interrupted", update: 7 }
      ])
      assert.strictEqual(
        (yield* fs.readFileString(path)).replaceAll(/"check":"[0-9a-f]{8}"/g, '"check":"CRC-32"'),
        '{"time":"2026-01-02T03:04:05.006Z","_tag":"Progress","update":1200,"totalUpdates":24500,"epoch":2.4,' +
          '"metrics":{"generatorLoss":"NaN","other":"-Infinity"},"updatesPerSecond":33.14,"secondsLeft":"Infinity","check":"CRC-32"}\n' +
          '{"time":"2026-01-02T03:04:05.006Z","_tag":"Interrupted","update":7,"check":"CRC-32"}\n'
      )
      assert.deepStrictEqual(
        (yield* readJsonLines(path)).records.map(({ time }) => time),
        ["2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.006Z"]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("gives back any events as they were recorded", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const context = yield* Effect.context<FileSystem.FileSystem | NodeServices.NodeServices>()
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(anyEvent, { maxLength: 12 }), async (events) => {
            // Different updates, so that none supersedes another.
            const apart = events.map((event, update) => ({ ...event, update }))
            const back = await Effect.runPromiseWith(context)(
              Effect.gen(function* () {
                yield* fs.remove(path, { force: true })
                yield* write(path, apart)
                return yield* eventsOf(path)
              })
            )
            assert.deepStrictEqual(back, apart)
          }),
          { numRuns: 40 }
        )
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("opened after a crash, begins on a fresh line, wherever the last one was torn", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const [before, torn, after] = [progress({ update: 1 }), progress({ update: 2 }), progress({ update: 3 })]
      yield* write(path, [before])
      const whole = (yield* fs.readFile(path)).length
      yield* write(path, [torn])
      const bytes = yield* fs.readFile(path)
      // Every place of the second line, from its first byte to the one before its end.
      for (let length = whole + 1; length < bytes.length; length += length < bytes.length - 3 ? 17 : 1) {
        yield* fs.writeFile(path, bytes.subarray(0, length))
        const tornRead = yield* readJsonLines(path)
        yield* write(path, [after])
        const { records, tornLines } = yield* readJsonLines(path)
        // Without its line feed alone the record is whole.
        const complete = length === bytes.length - 1
        assert.deepStrictEqual(
          tornRead.records.map(({ event }) => event),
          complete ? [before, torn] : [before]
        )
        assert.deepStrictEqual(tornRead.tornLines, complete ? [] : [2])
        assert.deepStrictEqual(
          records.map(({ event }) => event),
          complete ? [before, torn, after] : [before, after]
        )
        assert.deepStrictEqual(tornLines, complete ? [] : [2])
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect.skipIf(process.platform !== "linux")("closes its file with the layer", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const openFiles = Effect.gen(function* () {
        const descriptors = yield* fs.readDirectory("/proc/self/fd")
        const targets = yield* Effect.forEach(descriptors, (fd) =>
          fs.readLink(`/proc/self/fd/${fd}`).pipe(Effect.orElseSucceed(() => ""))
        )
        return targets.filter((target) => target.endsWith(path)).length
      })
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(progress())
        assert.strictEqual(yield* openFiles, 1)
      }).pipe(Effect.provide(layerJsonLines(path)))
      assert.strictEqual(yield* openFiles, 0)
    }).pipe(Effect.provide(NodeServices.layer))
  )

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

  it.effect("does not let a line that a full disk cut swallow the next one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const inner = yield* FileSystem.FileSystem
      let full = false
      const fs = withFile(inner, (file) => ({
        writeAll: (bytes) =>
          full
            ? Effect.andThen(
                file.writeAll(bytes.subarray(0, bytes.length >> 1)),
                Effect.fail(
                  systemError({ _tag: "Unknown", module: "FileSystem", method: "write", description: "ENOSPC" })
                )
              )
            : file.writeAll(bytes)
      }))
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(progress({ update: 1 }))
        full = true
        for (const update of [2, 3]) yield* Effect.flip(record(progress({ update })))
        full = false
        yield* record(progress({ update: 4 }))
        yield* record(progress({ update: 5 }))
      }).pipe(Effect.provide(layerJsonLines(path)), Effect.provideService(FileSystem.FileSystem, fs))
      const { records, tornLines, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual(
        records.map(({ event }) => event.update),
        [1, 4, 5]
      )
      assert.deepStrictEqual([tornLines, damagedLines], [[2, 3], []])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("waits for the disk with everything but progress, and with what was recorded before", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const done: Array<string> = []
      const fs = withFile(yield* FileSystem.FileSystem, (file) => ({
        writeAll: (bytes) => Effect.tap(file.writeAll(bytes), () => Effect.sync(() => done.push("write"))),
        sync: Effect.tap(file.sync, () => Effect.sync(() => done.push("sync")))
      }))
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        done.length = 0
        yield* record(progress())
        assert.deepStrictEqual(done, ["write"])
        for (const event of oneOfEach.filter(({ _tag }) => _tag !== "Progress")) {
          done.length = 0
          yield* record(event)
          assert.deepStrictEqual(done, ["write", "sync"], event._tag)
        }
      }).pipe(Effect.provide(layerJsonLines(path)), Effect.provideService(FileSystem.FileSystem, fs))
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

  it.effect("has the name of a new file on the disk, and does not wait for that of one that was there", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const inner = yield* FileSystem.FileSystem
      const opened: Array<string> = []
      const fs: FileSystem.FileSystem = {
        ...inner,
        open: (at, options) => {
          opened.push(at)
          return inner.open(at, options)
        }
      }
      yield* inner.makeDirectory(dirname(path), { recursive: true })
      const opening = Effect.scoped(Layer.build(layerJsonLines(path))).pipe(
        Effect.provideService(FileSystem.FileSystem, fs)
      )
      yield* opening
      assert.deepStrictEqual(opened, [path, dirname(path)])
      opened.length = 0
      yield* opening
      assert.deepStrictEqual(opened, [path])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("does not write through a link that leads out of its folder, nor into what is no file", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const outside = `${dirname(dirname(path))}/precious.txt`
      const refusalOf = Effect.fnUntraced(function* () {
        const { message } = yield* Effect.flip(write(path, [progress()]))
        yield* fs.remove(path, { recursive: true })
        return message
      })
      yield* fs.makeDirectory(dirname(path), { recursive: true })
      yield* fs.writeFileString(outside, "precious")
      for (const target of [outside, "../precious.txt", "../not-there", "/dev/null", "log.jsonl"]) {
        yield* fs.symlink(target, path)
        const message = yield* refusalOf()
        assert.match(message, /failed to open: a link leads (out of|nowhere)/, target)
        assert.include(message, path)
      }
      yield* fs.makeDirectory(path)
      assert.include(yield* refusalOf(), "failed to open: it is a folder, not a file")
      assert.strictEqual(yield* fs.readFileString(outside), "precious")
      assert.deepStrictEqual(yield* fs.readDirectory(dirname(outside)), ["one", "precious.txt"])
      // Within the folder it is the owner's own affair, and so is a link to the folder.
      yield* fs.symlink("other.jsonl", path)
      yield* fs.writeFileString(`${dirname(path)}/other.jsonl`, "")
      yield* fs.symlink("one", `${dirname(dirname(path))}/two`)
      yield* write(path.replace("/one/", "/two/"), [progress()])
      assert.deepStrictEqual(yield* eventsOf(`${dirname(path)}/other.jsonl`), [progress()])
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

  it.effect("notices that its file was removed", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(progress())
        yield* fs.remove(path)
        const error = yield* Effect.flip(record({ _tag: "Checkpointed", update: 1, path: "p" }))
        assert.include(error.message, `${path} failed to record Checkpointed of update 1: ENOENT`)
        assert.include(error.message, "it was moved or removed")
      }).pipe(Effect.provide(layerJsonLines(path)))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("takes a line that another fiber is writing for no torn one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const events = Array.from({ length: 40 }, (_, update) => progress({ update }))
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { concurrency: 40 })).pipe(
        Effect.provide(layerJsonLines(path))
      )
      assert.notInclude(yield* fs.readFileString(path), "\n\n")
      assert.deepStrictEqual(yield* eventsOf(path), events)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("fails to open a pipe, and does not wait for its other end", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      if (process.platform === "win32") return
      yield* FileSystem.FileSystem.use((fs) => fs.makeDirectory(dirname(path), { recursive: true }))
      execFileSync("mkfifo", [path])
      assert.include((yield* Effect.flip(write(path, []))).message, "failed to open: it is a named pipe, not a file")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("fails to open where no file can be", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      yield* write(path, [progress()])
      const error = yield* Effect.flip(write(`${path}/below-a-file.jsonl`, []))
      assert.strictEqual(error._tag, "TrainingLogError")
      assert.include(error.message, `${path}/below-a-file.jsonl failed to open: ENOTDIR`)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("fails to record what is no event, and goes on", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        const error = yield* Effect.flip(record({ _tag: "Interrupted", update: -1 }))
        assert.include(error.message, "record Interrupted of update -1")
        yield* record({ _tag: "Interrupted", update: 1 })
      }).pipe(Effect.provide(layerJsonLines(path)))
      assert.deepStrictEqual(yield* eventsOf(path), [{ _tag: "Interrupted", update: 1 }])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("readJsonLines", () => {
  const startedAt = (update: number): TrainingEvent => ({
    _tag: "Started",
    name: "n",
    settings: {},
    update,
    totalUpdates: 9,
    backend: "b",
    parameters: 1
  })
  const first = (update: number) => progress({ update, metrics: { run: 1 } })
  const second = (update: number) => progress({ update, metrics: { run: 2 } })

  it.effect("keeps the last record of an update that was logged twice", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      yield* write(path, [first(1), first(2), first(3)])
      yield* write(path, [second(2), second(3), second(4)])
      assert.deepStrictEqual(yield* eventsOf(path), [first(1), second(2), second(3), second(4)])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("drops what lies beyond the checkpoint a run went on from, but not what happened", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const warned: TrainingEvent = { _tag: "Warned", update: 5, message: "m" }
      const saved: TrainingEvent = { _tag: "Checkpointed", update: 4, path: "c4" }
      const image: TrainingEvent = { _tag: "PictureWritten", update: 5, path: "p5" }
      yield* write(path, [startedAt(0), first(2), first(4), saved, first(5), image, warned, first(6)])
      // The second run logs every third update only: 5 is not told again, and yet is not the first run's any more.
      yield* write(path, [startedAt(4), second(7)])
      assert.deepStrictEqual(yield* eventsOf(path), [
        startedAt(0),
        first(2),
        first(4),
        saved,
        warned,
        startedAt(4),
        second(7)
      ])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("names the line that is JSON but no event, and the file that is not there", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      assert.include((yield* Effect.flip(readJsonLines(path))).message, `${path} failed to read: ENOENT`)
      yield* write(path, oneOfEach)
      for (const json of [{ time: "t", _tag: "Interrupted" }, { _tag: "Interrupted", update: 1 }, { "0": 1 }]) {
        const line = checkedLine(json)
        yield* write(path, [])
        const before = yield* fs.readFileString(path)
        yield* fs.writeFileString(path, `${before}${line}\n`)
        assert.include((yield* Effect.flip(readJsonLines(path))).message, `read line ${oneOfEach.length + 1}`)
        yield* fs.writeFileString(path, before)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("notices every changed byte, and every other line is still there", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const events = [progress({ update: 1 }), progress({ update: 2 }), progress({ update: 3 })]
      yield* write(path, events)
      const original = yield* fs.readFile(path)
      for (let at = 0; at < original.length; at++) {
        const bytes = Uint8Array.from(original)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        yield* fs.writeFile(path, bytes)
        const { records, tornLines, damagedLines } = yield* readJsonLines(path)
        assert.isNotEmpty([...tornLines, ...damagedLines], `byte ${at}`)
        // A line feed that is gone joins two lines.
        assert.isAtLeast(records.length, original[at] === 0x0a ? 1 : 2)
        for (const { event } of records) assert.deepInclude(events, event)
      }
      yield* fs.writeFile(path, original)
      const { records, tornLines, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual([records.length, tornLines, damagedLines], [3, [], []])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("reads lines without checks of an older version, but not behind lines that have one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* write(path, [progress({ update: 1 })])
      const checked = yield* fs.readFileString(path)
      const unchecked = checked.replace(/,"check":"[0-9a-f]{8}"/, "")
      yield* fs.writeFileString(path, unchecked.replace('"update":1,', '"update":0,') + checked + unchecked)
      const { records, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual([records.length, damagedLines], [2, [3]])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("refuses a file of millions of lines that are no records", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* write(path, [])
      yield* fs.writeFileString(path, "x\n".repeat(1_000_000))
      const { message } = yield* Effect.flip(readJsonLines(path))
      assert.match(message, /it is no log: more than 10000 of its first 10002 lines are not records$/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
