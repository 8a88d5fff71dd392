import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { type FollowedLog, followedLog, glanceAtLog, readWholeLog } from "../../../src/layers/watch/followLog.ts"

const started = (update: number): TrainingEvent => ({
  _tag: "Started",
  name: "mine",
  settings: {},
  update,
  totalUpdates: 100,
  backend: "reference",
  parameters: 7
})
const progress = (update: number): TrainingEvent => ({
  _tag: "Progress",
  update,
  totalUpdates: 100_000,
  epoch: update / 10,
  metrics: { loss: update },
  updatesPerSecond: 5,
  secondsLeft: 1
})
const lineOf = (event: object) => `${checkedLine({ time: new Date(1e12).toISOString(), ...event })}\n`

const newLog = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = `${yield* fs.makeTempDirectoryScoped()}/log.jsonl`
  return { fs, path, log: followedLog(path) }
})

/** Records by the log that trainings write. */
const recorded = (path: string, events: ReadonlyArray<TrainingEvent>, mostBytes?: number) =>
  Effect.gen(function* () {
    const log = yield* TrainingLog
    for (const event of events) yield* log.record(event)
  }).pipe(
    Effect.provide(
      layerJsonLines(path, mostBytes === undefined ? {} : { mostBytes }).pipe(Layer.provide(NodeServices.layer)),
      {
        local: true
      }
    )
  )

const courseOf = ({ course }: FollowedLog) => {
  if (course === undefined) throw new Error("the log has not been read whole")
  return course.course(1000)
}

const live = <A, E>(effect: Effect.Effect<A, E, import("effect/Scope").Scope | FileSystem.FileSystem>) =>
  effect.pipe(Effect.provide(NodeServices.layer))

describe("following a log", () => {
  it.effect("tells the whole of a short one, and then what comes", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        yield* recorded(path, [started(0), progress(1)])
        yield* readWholeLog(fs, log)
        assert.strictEqual(log.facts.update, 1)
        yield* recorded(path, [progress(2), progress(3)])
        const { version } = log
        yield* glanceAtLog(fs, log)
        assert.isAbove(log.version, version)
        assert.deepStrictEqual(courseOf(log).updates, [1, 2, 3])
        const still = log.version
        yield* glanceAtLog(fs, log)
        assert.strictEqual(log.version, still)
      })
    )
  )

  it.effect("glances at beginning and end of a long one, and reads it whole when asked to", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        const lines = Array.from({ length: 2000 }, (_, i) => lineOf(progress(i + 1)))
        yield* fs.writeFileString(path, lineOf(started(0)) + lines.join(""))
        yield* glanceAtLog(fs, log)
        assert.deepInclude(log.facts, { name: "mine", update: 2000 })
        assert.strictEqual(log.damaged, 0)
        assert.isUndefined(log.course)
        yield* readWholeLog(fs, log)
        const { updates, metrics } = courseOf(log)
        assert.isAtMost(updates.length, 600)
        assert.strictEqual(updates.at(-1), 2000)
        assert.strictEqual(metrics["loss"]?.low[0], 1)
      })
    )
  )

  it.effect("takes a line that is still being written when it is whole, and passes over what is none", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        const [first, second] = [lineOf(progress(1)), lineOf(progress(2))]
        yield* fs.writeFileString(path, first + second.slice(0, 40))
        yield* readWholeLog(fs, log)
        assert.strictEqual(log.facts.update, 1)
        const changed = lineOf(progress(4)).replace('"update":4', '"update":5')
        yield* fs.writeFileString(path, `${first + second}no JSON\n${changed}${lineOf(progress(3))}`)
        yield* glanceAtLog(fs, log)
        assert.strictEqual(log.facts.update, 3)
        assert.strictEqual(log.damaged, 2)
      })
    )
  )

  it.effect("passes over a line without end, in bounded memory", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        yield* fs.writeFileString(path, `${lineOf(progress(1)) + "x".repeat(3 * 2 ** 20)}\n${lineOf(progress(2))}`)
        yield* readWholeLog(fs, log)
        assert.strictEqual(log.facts.update, 2)
        assert.strictEqual(log.damaged, 1)
        assert.strictEqual(log.rest?.length, 0)
      })
    )
  )

  it.effect("begins anew where the log was thinned, and where a run goes over updates again", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        yield* recorded(path, [started(0), progress(1)], 3000)
        yield* readWholeLog(fs, log)
        const many = Array.from({ length: 30 }, (_, i) => progress(i + 2))
        yield* recorded(path, many, 3000)
        yield* glanceAtLog(fs, log)
        assert.strictEqual(courseOf(log).updates.at(-1), 31)
        assert.isBelow(courseOf(log).updates.length, 31)
        yield* recorded(path, [started(20), progress(21)], 1e6)
        yield* glanceAtLog(fs, log)
        assert.strictEqual(courseOf(log).updates.at(-1), 21)
      })
    )
  )

  it.effect("refuses a link, and fails without a file", () =>
    live(
      Effect.gen(function* () {
        const { fs, path, log } = yield* newLog
        assert.strictEqual((yield* Effect.flip(glanceAtLog(fs, log)))._tag, "PlatformError")
        yield* fs.symlink("/etc/passwd", path)
        assert.strictEqual((yield* Effect.flip(glanceAtLog(fs, log)))._tag, "UnreadableFileError")
      })
    )
  )
})
