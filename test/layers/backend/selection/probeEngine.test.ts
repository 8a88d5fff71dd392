import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { probeEngine } from "../../../../src/layers/backend/selection/probeEngine.ts"

/** Probes with a main file of the test's own in place of the real one. */
const probedWith = (code: string, limitSeconds = 20) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-probe-" })
    const file = `${folder}/main.mjs`
    yield* fs.writeFileString(file, code)
    return yield* probeEngine("reference", { timed: false, limitSeconds, file })
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("probeEngine", () => {
  it.live("finds an engine that is there, its device and its time", () =>
    Effect.gen(function* () {
      const { milliseconds, device, ...found } = yield* probeEngine("onnxruntime", { timed: true, limitSeconds: 60 })
      assert.deepStrictEqual(found, { name: "onnxruntime", status: "present", version: "1.30.0" })
      assert.strictEqual(device?.kind, "cpu")
      assert.isAbove(milliseconds ?? 0, 0.1)
    })
  )

  it.live("outlives one that crashes, and hands on its last words", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* probedWith('console.error("driver: bad\\n"); process.kill(process.pid, "SIGABRT")'),
        {
          name: "reference",
          status: "failed",
          problem: "its process ended with signal SIGABRT: driver: bad"
        }
      )
      const { problem } = yield* probedWith("process.exit(7)")
      assert.strictEqual(problem, "its process ended with code 7")
    })
  )

  it.live("ends one that hangs", () =>
    Effect.gen(function* () {
      const { status, problem } = yield* probedWith("for (;;);", 1)
      assert.deepStrictEqual([status, problem], ["failed", "it gave no answer within 1 seconds"])
    })
  )

  it.live("does not take nonsense for an answer", () =>
    Effect.gen(function* () {
      const { status, problem } = yield* probedWith('process.send({ name: "reference", status: "fine" })')
      assert.deepStrictEqual([status, problem], ["failed", "its process sent nonsense"])
    })
  )

  it.live("takes the answer of one that crashes afterwards", () =>
    Effect.gen(function* () {
      const answer = '{ name: "reference", status: "present" }'
      const found = yield* probedWith(`process.send(${answer}, () => process.kill(process.pid, "SIGSEGV"))`)
      assert.deepStrictEqual(found, { name: "reference", status: "present" })
    })
  )
})
