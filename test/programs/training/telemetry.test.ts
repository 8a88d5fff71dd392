import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import { examples, floats } from "../../../src/domain/data/Examples.ts"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { log } from "../../../src/domain/tensor/elementwise.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { shuffled } from "../../../src/layers/dataset/BatchSource.ts"
import { layerSilent } from "../../../src/layers/log/TrainingLog.ts"
import { checkpoints, runProgram } from "../../../src/programs/training/runProgram.ts"
import { logEvery } from "../../../src/programs/training/Training.ts"

const line = make("line", {
  state: { line: learner(linearParameters(1, 1), sgd(0.01)) },
  inputs: { x: [2, 1] },
  step: (state, { x }) => {
    const { next, loss } = descend(state.line, (p) => mean(square(subtract(linear(p, x), x))))
    // No number where the loss is above 1.
    return { next: { line: next }, outputs: { loss, ratio: log(subtract(1, loss)) } }
  }
})
/** Epochs of three updates. */
const numbers = (scale: number) =>
  shuffled(
    examples({
      x: floats(
        [1],
        Float32Array.of(1, 2, 3, 4, 5, 6).map((x) => x * scale)
      )
    })
  )

/** Runs with a tracer that keeps its spans, and metrics of its own; gives both. */
const observed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const [exit, metrics] = yield* Effect.all([Effect.exit(effect), Metric.snapshot]).pipe(
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.provide(Layer.mergeAll(layerReference, layerMemory, layerSilent), { local: true })
    )
    return { spans, metrics, exit }
  })

const parentOf = ({ parent }: Tracer.Span) =>
  Option.match(parent, { onNone: () => undefined, onSome: ({ spanId }) => spanId })
const named = (spans: ReadonlyArray<Tracer.NativeSpan>, name: string) => spans.filter((span) => span.name === name)
const isOver = ({ status }: Tracer.NativeSpan, success: boolean) =>
  status._tag === "Ended" && Exit.isSuccess(status.exit) === success

describe("what a user's own tracer sees of a training", () => {
  it.effect("has a span of the run, one of each epoch within it, and one of each checkpoint", () =>
    Effect.gen(function* () {
      const { spans } = yield* observed(
        runProgram(line, { data: numbers(0.01), updates: 7, seed: 3 }).pipe(
          checkpoints(4),
          Stream.runDrain,
          Effect.withSpan("mine")
        )
      )
      const [[mine], [run], epochs] = [
        named(spans, "mine"),
        named(spans, "Training.run"),
        named(spans, "Training.epoch")
      ]
      if (mine === undefined || run === undefined) return assert.fail("a span is missing")
      assert.strictEqual(parentOf(run), mine.spanId)
      assert.strictEqual(run.attributes.get("fovea.program"), "line")
      assert.strictEqual(run.attributes.get("fovea.totalUpdates"), 7)
      assert.deepStrictEqual(
        epochs.map(({ attributes }) => [attributes.get("fovea.epoch"), attributes.get("fovea.update")]),
        [
          [1, 3],
          [2, 6],
          [3, 7]
        ]
      )
      for (const epoch of epochs) {
        assert.strictEqual(parentOf(epoch), run.spanId)
        assert.isNumber(epoch.attributes.get("fovea.loss"))
      }
      const saved = named(spans, "Training.checkpoint")
      assert.deepStrictEqual(
        saved.map(({ attributes }) => attributes.get("fovea.update")),
        [4, 7]
      )
      assert.isTrue(saved.every((span) => parentOf(span) === mine.spanId))
      assert.isTrue(spans.every((span) => isOver(span, true)))
    })
  )

  it.effect("has as many spans however many updates an epoch has", () =>
    Effect.gen(function* () {
      const count = (updates: number) =>
        Effect.map(
          observed(Stream.runDrain(runProgram(line, { data: numbers(0.01), updates, seed: 3 }))),
          ({ spans }) => spans.length
        )
      assert.strictEqual(yield* count(1), yield* count(3))
    })
  )

  it.effect("ends the spans of a run that fails or is interrupted as such", () =>
    Effect.gen(function* () {
      const run = runProgram(line, { data: numbers(10), updates: 7, seed: 3 })
      const { spans, exit } = yield* observed(Stream.runDrain(run))
      assert.isTrue(Exit.isFailure(exit))
      assert.isTrue([...named(spans, "Training.epoch"), ...named(spans, "Training.run")].every((s) => isOver(s, false)))
      const cut = yield* observed(
        runProgram(line, { data: numbers(0.01), updates: 7, seed: 3 }).pipe(
          Stream.tap(({ update }) => (update === 2 ? Effect.interrupt : Effect.void)),
          Stream.runDrain
        )
      )
      const [epoch] = named(cut.spans, "Training.epoch")
      assert.strictEqual(epoch?.attributes.get("fovea.update"), 2)
      assert.isTrue(cut.spans.every((span) => isOver(span, false) || span.name !== "Training.epoch"))
    })
  )
})

describe("what a user's own metrics layer sees of a training", () => {
  const gaugesOf = (metrics: ReadonlyArray<Metric.Metric.Snapshot>) =>
    new Map(
      metrics.flatMap(({ type, id, state, attributes }) =>
        type === "Gauge" ? [[id, { value: Number(state.value), run: attributes?.run }] as const] : []
      )
    )

  it.effect("has gauges of the metrics by name, the updates and their speed, as often as the log", () =>
    Effect.gen(function* () {
      const { metrics } = yield* observed(
        runProgram(line, { data: numbers(0.01), updates: 7, seed: 3 }).pipe(
          Stream.tap(() => TestClock.adjust("500 millis")),
          logEvery(3),
          Stream.take(6),
          Stream.runDrain
        )
      )
      const gauges = gaugesOf(metrics)
      assert.deepStrictEqual(gauges.get("fovea.training.update"), { value: 6, run: "line" })
      assert.strictEqual(gauges.get("fovea.training.epoch")?.value, 2)
      assert.strictEqual(gauges.get("fovea.training.updatesPerSecond")?.value, 2)
      assert.isAbove(gauges.get("fovea.training.loss")?.value ?? 0, 0)
    })
  )

  it.effect("leaves out what is not finite", () =>
    Effect.gen(function* () {
      const { metrics } = yield* observed(
        runProgram(line, { data: numbers(10), updates: 3, seed: 3, notFinite: "pass" }).pipe(
          logEvery(1),
          Stream.runDrain
        )
      )
      const gauges = gaugesOf(metrics)
      assert.isTrue(gauges.has("fovea.training.loss"))
      assert.isFalse(gauges.has("fovea.training.ratio"))
    })
  )
})
