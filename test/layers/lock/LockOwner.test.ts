import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { systemError } from "effect/PlatformError"
import { FolderLockedError } from "../../../src/layers/lock/FolderLock.ts"
import { LockTimes, readLock, vitalityOf } from "../../../src/layers/lock/LockOwner.ts"

describe("LockTimes", () => {
  it.effect("are a beat every ten seconds, and death after a minute of silence", () =>
    Effect.gen(function* () {
      const { beat, silence } = yield* LockTimes
      assert.deepStrictEqual([Duration.toSeconds(beat), Duration.toSeconds(silence)], [10, 60])
    })
  )
})

describe("readLock", () => {
  it.live("tells a lock, an ordinary file that is none, and nothing apart; what it may not read is an error", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-owner-" })
      const owner = { id: "a", process: 7, host: "h" }
      yield* fs.writeFileString(`${folder}/lock`, JSON.stringify(owner))
      yield* fs.writeFileString(`${folder}/text`, "hello")
      assert.deepStrictEqual(yield* readLock(fs, `${folder}/lock`), { kind: "held", owner })
      assert.deepStrictEqual(yield* readLock(fs, `${folder}/text`), { kind: "illegible" })
      assert.deepStrictEqual(yield* readLock(fs, `${folder}/none`), { kind: "none" })
      const denied = systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "lstat" })
      const closed = FileSystem.FileSystem.of({
        ...fs,
        lstat: () => Effect.fail(denied),
        open: () => Effect.fail(denied)
      })
      assert.strictEqual(yield* Effect.flip(readLock(closed, `${folder}/lock`)), denied)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("vitalityOf", () => {
  const self = { process: 1, host: "here", space: "now" }
  const holder = { id: "a", process: process.pid, host: "here" }
  const times = (silent: number) => ({ touched: 1000, now: 1000 + silent, silence: Duration.seconds(60) })

  it("looks for the process where its number means something, whatever its silence", () => {
    assert.deepStrictEqual(vitalityOf({ ...holder, space: "now" }, self, times(1e9)), { rule: "process", lives: true })
    assert.deepStrictEqual(vitalityOf(holder, self, times(1e9)), { rule: "process", lives: true })
    const gone = { ...holder, process: 2 ** 22 + 1 }
    assert.deepStrictEqual(vitalityOf(gone, self, times(0)), { rule: "process", lives: false })
  })

  it.each([
    ["on another machine", { host: "elsewhere", space: "now" }],
    ["before this one started anew", { space: "before" }]
  ])("counts its silence %s: up to a minute, to the millisecond", (_, changes) => {
    for (const [silentMillis, lives] of [
      [60_000, true],
      [60_001, false],
      [-5, true]
    ] as const) {
      const found = vitalityOf({ ...holder, ...changes }, self, times(silentMillis))
      assert.deepStrictEqual(found, { rule: "silence", lives, silentMillis })
    }
  })
})

describe("the message of a folder that is held", () => {
  const silentFor = (seconds: number) =>
    new FolderLockedError({ folder: "f", owner: { id: "a", process: 7, host: "h" }, silence: { seconds, most: 60 } })
      .message

  it("blames a clock for a sign of life that lies more than the silence ahead, and takes less for none", () => {
    assert.include(
      silentFor(-61),
      "is dated 61 seconds ahead, so a clock was set back: if it has ended, remove run.lock"
    )
    assert.include(silentFor(-60), "Its last sign of life came 0 seconds ago; after 60 seconds of silence")
    assert.include(silentFor(3), "Its last sign of life came 3 seconds ago; after 60 seconds of silence")
  })
})
