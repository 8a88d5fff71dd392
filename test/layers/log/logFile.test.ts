import { execFileSync } from "node:child_process"
import { dirname } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { eventsOf, newPath, withFile, write } from "../../support/jsonLog.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

describe("layerJsonLines", () => {
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
})
