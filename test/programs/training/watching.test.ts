import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { SettingsJson } from "../../../src/domain/experiment/presets.ts"
import { type NamedTensors, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { type StepCall, TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { DivergedStates } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { openCheckpoint } from "../../../src/programs/checkpoint/openCheckpoint.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import type { TrainingProgress } from "../../../src/programs/training/Training.ts"
import { watchCollapse } from "../../../src/programs/training/watchCollapse.ts"
import { byHand } from "../../support/madeByHand.ts"
import { eventsOf, noEvents, tinySettings, tinyWorld } from "./tinyExperiment.ts"

/** Where a fault is put: into what an engine is given for an update, or into the state that it gives back. */
interface Injection {
  readonly call?: (call: StepCall) => StepCall
  readonly state?: (state: NamedTensors, updates: number) => NamedTensors
}

/** The native engine with faults injected. */
const faulty = ({ call: spoilCall = (call) => call, state: spoilState = (state) => state }: Injection) =>
  Layer.effect(
    TensorBackend,
    Effect.map(TensorBackend, (backend) =>
      TensorBackend.of({
        name: backend.name,
        compile: (program, state) =>
          Effect.map(backend.compile(program, state), (executable) => {
            let updates = 0
            return {
              step: (call) => {
                updates++
                return executable.step(spoilCall(call))
              },
              readOutputs: executable.readOutputs,
              readState: Effect.map(executable.readState, (read) => spoilState(read, updates))
            }
          })
      })
    )
  ).pipe(Layer.provide(layerOnnxRuntime))

const withValue = (tensors: NamedTensors, path: string, value: number): NamedTensors => {
  const found = tensors[path]
  assert.isDefined(found, path)
  if (found === undefined) return tensors
  const values = Float32Array.from(found.values)
  values[0] = value
  return { ...tensors, [path]: tensorData(found.shape, values) }
}

/** The tiny run with changes and faults: how it ended, what was logged, which checkpoints and states are kept. */
const run = (changes: SettingsJson, injection: Injection = {}) =>
  Effect.gen(function* () {
    const events = yield* noEvents
    return yield* Effect.gen(function* () {
      const result = yield* Effect.result(runExperiment(tinySettings(changes), () => Effect.succeed([])))
      const store = yield* DivergedStates
      return {
        result,
        message: result._tag === "Failure" ? result.failure.message : "",
        warnings: eventsOf("Warned", yield* Ref.get(events)),
        progress: eventsOf("Progress", yield* Ref.get(events)),
        saved: yield* Effect.flatMap(CheckpointStore, ({ list }) => list),
        kept: yield* store.list,
        load: store.load
      }
    }).pipe(Effect.provide(Layer.merge(tinyWorld(events), faulty(injection)), { local: true }))
  })

const every4 = { reporting: { logEveryUpdates: 4 } }
const nanAt = (step: number): Injection => ({
  call: (call) => {
    const images = call.inputs["images"]
    if (call.noise.step !== step || images === undefined) return call
    const values = Float32Array.from(images.values).fill(Number.NaN, 0, 1)
    return { ...call, inputs: { ...call.inputs, images: tensorData(images.shape, values) } }
  }
})

describe("numbers that go wrong", () => {
  it.effect("one poisoned pixel ends the run at its update; the states before and after are kept", () =>
    Effect.gen(function* () {
      const { message, kept, load, saved, progress } = yield* run(every4, nanAt(8))
      assert.match(
        message,
        /^Training diverged: after update 9, \w+ is NaN\. The last good checkpoint is memory\/update-6\. /
      )
      assert.match(message, /The states before and after are kept in memory\.$/)
      assert.deepStrictEqual(saved, [6])
      assert.deepStrictEqual(kept, [8, 9])
      const finite = (tensors: NamedTensors) =>
        Object.values(tensors).every(({ values }) => values.every((value) => Number.isFinite(value)))
      assert.isTrue(finite((yield* load(8)).tensors))
      assert.isFalse(finite((yield* load(9)).tensors))
      assert.deepStrictEqual(
        progress.map(({ update }) => update),
        [4, 8]
      )
    })
  )

  it.effect("a parameter that is not finite while the losses are is noticed within one logging interval", () =>
    Effect.gen(function* () {
      for (const path of ["discriminator.initialHidden", "optimizer.generator.second.canvas"]) {
        const spoilt: Injection = {
          state: (state, updates) => {
            const target = Object.keys(state).find((name) => name.startsWith(path.split(".").slice(0, -1).join(".")))
            return updates >= 5 && target !== undefined ? withValue(state, target, Number.POSITIVE_INFINITY) : state
          }
        }
        const { message, kept } = yield* run(every4, spoilt)
        assert.match(message, /^Training diverged: after update 6, (discriminator|optimizer)\..* is Infinity\./)
        // 6 is the end of the first epoch, when the state would be saved.
        assert.deepStrictEqual(kept, [4, 6])
      }
    })
  )

  it.effect("a learning rate that diverges ends the run", () =>
    Effect.gen(function* () {
      const rate = { learningRate: 1e38 }
      const { message, result } = yield* run({ training: { generatorOptimizer: rate, discriminatorOptimizer: rate } })
      assert.strictEqual(result._tag === "Failure" && result.failure._tag, "DivergedError", message)
    })
  )

  it.effect("told to warn, the run goes on to its end without saving what is not finite, and says so once", () =>
    Effect.gen(function* () {
      const { message, warnings, saved, progress, kept } = yield* run(
        { reporting: { logEveryUpdates: 2, onNotFinite: "warn" } },
        nanAt(8)
      )
      assert.match(message, /^Training diverged: after update 12/)
      assert.deepStrictEqual([warnings.length, warnings[0]?.update], [1, 9])
      assert.match(warnings[0]?.message ?? "", /The run goes on; nothing is saved of it until all is finite\.$/)
      assert.deepStrictEqual(saved, [6])
      assert.deepStrictEqual(kept, [8, 9])
      assert.strictEqual(progress.at(-1)?.update, 12)
    })
  )

  it.effect("told to warn, the run saves again once all is finite again", () =>
    Effect.gen(function* () {
      const blink: Injection = {
        state: (state, updates) => (updates === 6 ? withValue(state, Object.keys(state)[0] ?? "", Number.NaN) : state)
      }
      const { result, warnings, saved } = yield* run({ reporting: { logEveryUpdates: 2, onNotFinite: "warn" } }, blink)
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(
        warnings.map(({ update }) => update),
        [6, 8]
      )
      assert.deepStrictEqual(saved, [12])
    })
  )

  it.effect("a poisoned parameter in an intact checkpoint is refused before the first update", () =>
    Effect.gen(function* () {
      const events = yield* noEvents
      yield* Effect.gen(function* () {
        const short = tinySettings({ training: { updates: 6 } })
        yield* runExperiment(short, () => Effect.succeed([]))
        const store = yield* CheckpointStore
        const { description, tensors } = Option.getOrThrow(yield* store.latest)
        const path = Object.keys(tensors).find((name) => name.startsWith("generator.")) ?? ""
        const poisoned = Option.some({ description, tensors: withValue(tensors, path, Number.NaN) })
        // Stores refuse such a checkpoint; this one does not.
        const error = yield* Effect.flip(runExperiment(tinySettings(), () => Effect.succeed([]))).pipe(
          Effect.provideService(CheckpointStore, { ...store, latest: Effect.succeed(poisoned) })
        )
        assert.include(error.message, `Training diverged: after update 6, ${path} is NaN.`)
        assert.deepStrictEqual(yield* store.list, [6])
        assert.strictEqual((yield* openCheckpoint).update, 6)
      }).pipe(Effect.provide(Layer.merge(tinyWorld(events), layerOnnxRuntime), { local: true }))
    })
  )
})

describe("watchCollapse", () => {
  /** Twenty updates whose accuracies are those of the interval of five that they belong to. */
  const played = (accuracies: ReadonlyArray<readonly [real: number, generated: number]>) =>
    Stream.range(1, 5 * accuracies.length).pipe(
      Stream.map((update): TrainingProgress => {
        const [realAccuracy = 0, generatedAccuracy = 0] = accuracies[Math.floor((update - 1) / 5)] ?? []
        const snapshot = { update, tensors: {}, metrics: {} }
        return {
          run: byHand,
          update,
          totalUpdates: 5 * accuracies.length,
          epoch: update,
          metrics: { realAccuracy, generatedAccuracy },
          snapshot: Effect.succeed(snapshot),
          state: Effect.succeed(snapshot)
        }
      })
    )
  const warningsOf = (accuracies: ReadonlyArray<readonly [number, number]>, onCollapse: "warn" | "stop" = "warn") =>
    Effect.gen(function* () {
      const events = yield* noEvents
      const ended = yield* played(accuracies).pipe(
        watchCollapse({ everyUpdates: 5, onCollapse, examine: (signal) => Effect.succeed(signal) }),
        Stream.runDrain,
        Effect.result,
        Effect.provide(tinyWorld(events), { local: true })
      )
      const warned = eventsOf("Warned", yield* Ref.get(events)).map(({ update, message }) => `${update} ${message}`)
      return { warned, message: ended._tag === "Failure" ? ended.failure.message : "" }
    })

  it.effect("warns where a signal begins and where it ends, within one interval", () =>
    Effect.gen(function* () {
      const { warned, message } = yield* warningsOf([
        [0.8, 0.85],
        [1, 1],
        [0.995, 1],
        [0.7, 0.9],
        [1, 0],
        [0, 1]
      ])
      assert.deepStrictEqual(warned, [
        "10 collapse: D tells all apart",
        "20 The players are in play again.",
        "25 collapse: D answers alike"
      ])
      assert.strictEqual(message, "")
    })
  )

  it.effect("takes neither chance nor a strong D for a collapse", () =>
    Effect.gen(function* () {
      const { warned } = yield* warningsOf([
        [0.5, 0.5],
        [0.98, 0.98],
        [0.9, 0.1]
      ])
      assert.deepStrictEqual(warned, [])
    })
  )

  it.effect("ends the run if that is asked for", () =>
    Effect.gen(function* () {
      const { message } = yield* warningsOf([[1, 1]], "stop")
      assert.strictEqual(message, "Training collapsed: at update 5, D tells all apart")
    })
  )

  it.effect("a real run whose D learns far faster than G is warned of, and goes on", () =>
    Effect.gen(function* () {
      const training = {
        updates: 120,
        generatorOptimizer: { learningRate: 1e-9 },
        discriminatorOptimizer: { learningRate: 0.02 }
      }
      const { result, warnings } = yield* run({ model: { units: 12 }, training, reporting: { logEveryUpdates: 20 } })
      assert.strictEqual(result._tag, "Success")
      assert.match(
        warnings[0]?.message ?? "",
        /^collapse: D tells every .* images are all alike \(their variety is 0\.0\d+ of that/
      )
    })
  )
})
