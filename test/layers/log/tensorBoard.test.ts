import { appendFileSync, readdirSync, writeFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { systemError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { encodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerTensorBoard } from "../../../src/layers/log/tensorBoard.ts"
import { eventFiles, eventsIn, type Fields, messagesIn, numberIn, textIn, valuesOf } from "./eventFiles.ts"
import { logContract } from "./logContract.ts"
import { progress } from "./trainingEvents.ts"

const newFolder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "fovea-tensorboard-" }))
}).pipe(Effect.provide(NodeServices.layer))

const layerAt = (directory: string) => Layer.provide(layerTensorBoard({ directory }), NodeServices.layer)

const recordAll = (directory: string, events: ReadonlyArray<TrainingEvent>) =>
  Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
    Effect.provide(layerAt(directory), { local: true })
  )

const tagsOf = (event: Fields) => ({
  step: numberIn(event, 2) ?? 0,
  tags: valuesOf(event).map((value) => textIn(value, 1))
})

/** What TensorBoard is told of an event whose files do not exist. */
const toldOf = (event: TrainingEvent) => {
  const told = (...tags: ReadonlyArray<string>) => [{ step: event.update, tags }]
  switch (event._tag) {
    case "Started":
      return told("run/settings")
    case "Progress":
      return told(...Object.keys(event.metrics).map((name) => `metrics/${name}`), "run/epoch", "run/updatesPerSecond")
    case "Warned":
      return told("run/warnings")
    default:
      return []
  }
}

logContract(
  "layerTensorBoard",
  Effect.map(newFolder, (folder) => ({
    layer: layerAt(`${folder}/some/run`),
    kept: Effect.sync(() => eventsIn(`${folder}/some/run`).map(tagsOf)),
    expected: (events) => events.flatMap(toldOf)
  }))
)

const inFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(newFolder, use))

const started = (update: number): TrainingEvent => ({
  _tag: "Started",
  name: "run",
  settings: { text: "``` fences" },
  update,
  totalUpdates: 100,
  backend: "reference",
  parameters: 1
})

describe("layerTensorBoard", () => {
  it.effect("leaves no file of a run that was refused before it told anything", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* recordAll(folder, [])
        assert.deepStrictEqual(readdirSync(folder), [])
        yield* recordAll(folder, [progress({ update: 7 })])
        yield* recordAll(folder, [])
        assert.lengthOf(readdirSync(folder), 1)
      })
    )
  )

  it.effect("dates files and events by the clock, in seconds", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))
        yield* recordAll(folder, [progress()])
        assert.deepStrictEqual(eventFiles(folder), ["events.out.tfevents.1767323045.006.fovea"])
        assert.strictEqual(numberIn(eventsIn(folder)[0], 1), 1767323045.006)
      })
    )
  )

  it.effect("fails at once where a file may not be made, and tries another name only where one is taken", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        let tries = 0
        const closed = FileSystem.FileSystem.of({
          ...fs,
          open: () => {
            tries++
            return Effect.fail(systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "open" }))
          }
        })
        const layer = layerTensorBoard({ directory: folder })
        const opening = Effect.scoped(Layer.build(layer)).pipe(Effect.provideService(FileSystem.FileSystem, closed))
        assert.include((yield* Effect.flip(opening)).message, `${folder} failed to open`)
        assert.strictEqual(tries, 1)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.effect("writes metrics as scalars, finite or not", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* recordAll(folder, [progress({ update: 7, metrics: { a: 0.5, b: Number.NaN, c: -Infinity } })])
        const values = valuesOf(eventsIn(folder)[0])
        assert.deepStrictEqual(
          values.slice(0, 3).map((value) => [textIn(value, 1), numberIn(value, 2)]),
          [
            ["metrics/a", 0.5],
            ["metrics/b", Number.NaN],
            ["metrics/c", -Infinity]
          ]
        )
      })
    )
  )

  it.effect("writes an image with its size and its bytes, and passes over what is no PNG", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const header = Uint8Array.of(
          ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
          ...[0, 0, 1, 2, 0, 0, 0, 3, 8, 2, 0, 0, 0, 1, 2, 3, 4]
        )
        writeFileSync(`${folder}/figure-4.png`, header)
        writeFileSync(`${folder}/curves.svg`, "<svg/>")
        writeFileSync(`${folder}/short.png`, header.subarray(0, 20))
        const written = (name: string): TrainingEvent => ({
          _tag: "PictureWritten",
          update: 500,
          path: `${folder}/${name}`
        })
        yield* recordAll(`${folder}/log`, ["curves.svg", "figure-4.png", "short.png"].map(written))
        const events = eventsIn(`${folder}/log`)
        assert.deepStrictEqual(events.map(tagsOf), [{ step: 500, tags: ["pictures/figure-4"] }])
        const [image] = messagesIn(valuesOf(events[0])[0], 4)
        assert.deepStrictEqual(
          [1, 2, 3].map((id) => numberIn(image, id)),
          [3, 258, 3]
        )
        const bytes = image?.get(4)?.[0]
        assert.deepStrictEqual(bytes instanceof Uint8Array ? [...bytes] : [], [...header])
      })
    )
  )

  it.effect("makes histograms of the players' parameters in a checkpoint, and says which checkpoint is damaged", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const tensor = tensorData([2, 2], Float32Array.of(1, 2, 3, 4))
        const bytes = encodeSafetensors({
          "generator.rnn.weight": tensor,
          "discriminator.bias": tensorData([1], Float32Array.of(7)),
          "optimizer.generator.step": tensor
        })
        writeFileSync(`${folder}/tensors.safetensors`, bytes)
        const checkpointed: TrainingEvent = { _tag: "Checkpointed", update: 9, path: folder }
        yield* recordAll(`${folder}/log`, [checkpointed])
        const [event] = eventsIn(`${folder}/log`)
        assert.isDefined(event)
        if (event === undefined) return
        assert.deepStrictEqual(tagsOf(event).tags.toSorted(), ["discriminator/bias", "generator/rnn.weight"])
        const weights = valuesOf(event).find((value) => textIn(value, 1)?.startsWith("generator"))
        const [histogram] = messagesIn(weights, 5)
        assert.deepStrictEqual(
          [1, 2, 3, 4, 5].map((id) => numberIn(histogram, id)),
          [1, 4, 4, 10, 30]
        )
        appendFileSync(`${folder}/tensors.safetensors`, "more")
        const error = yield* Effect.flip(recordAll(`${folder}/log`, [checkpointed]))
        assert.include(error.message, "failed to record Checkpointed of update 9: Not a readable safetensors file")
      })
    )
  )

  it.effect("says where a run goes on, in a file that is read after the earlier ones", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* recordAll(folder, [started(0), progress({ update: 40 })])
        yield* recordAll(folder, [started(30), progress({ update: 31 })])
        assert.strictEqual(eventFiles(folder).length, 2)
        const events = eventsIn(folder)
        assert.deepStrictEqual(
          events.map((event) => numberIn(event, 2) ?? 0),
          [0, 40, 31, 30, 31]
        )
        const starts = events.map((event) => messagesIn(event, 7).map((log) => numberIn(log, 1)))
        assert.deepStrictEqual(starts, [[], [], [1], [], []])
        const settings = messagesIn(valuesOf(events[0])[0], 8)
        assert.match(textIn(settings[0], 8) ?? "", /^````\n\{\n {2}"text": "``` fences"\n\}\n````$/)
      })
    )
  )

  it.effect("fails with the folder's name where it cannot write", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        writeFileSync(`${folder}/file`, "")
        const error = yield* Effect.flip(recordAll(`${folder}/file/log`, []))
        assert.match(error.message, /file\/log failed to open: /)
      })
    )
  )
})
