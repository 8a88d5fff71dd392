import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerOpenTelemetry } from "../../../src/layers/log/openTelemetry.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { collector, type Received } from "./collector.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.Unknown }))
const Span = Schema.Struct({
  name: Schema.String,
  spanId: Schema.String,
  traceId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  startTimeUnixNano: Schema.String,
  endTimeUnixNano: Schema.String,
  attributes: Attributes,
  events: Schema.Array(Schema.Struct({ name: Schema.String }))
})
const Traces = Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({ scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) })) }))
})
const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(
    Schema.Struct({
      scopeMetrics: Schema.Array(
        Schema.Struct({
          metrics: Schema.Array(
            Schema.Struct({
              name: Schema.String,
              gauge: Schema.Struct({
                dataPoints: Schema.Array(
                  Schema.Struct({ asDouble: Schema.optional(Schema.Number), attributes: Attributes })
                )
              })
            })
          )
        })
      )
    })
  )
})

const spansIn = (received: ReadonlyArray<Received>) =>
  received
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => Schema.decodeUnknownSync(Traces)(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))

const gaugesIn = (received: ReadonlyArray<Received>) =>
  received
    .filter(({ path }) => path === "/v1/metrics")
    .map(({ body }) =>
      Object.fromEntries(
        Schema.decodeUnknownSync(Metrics)(body)
          .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
          .map(({ name, gauge }) => [name, gauge.dataPoints.map(({ asDouble }) => asDouble)])
      )
    )

const started: TrainingEvent = {
  _tag: "Started",
  name: "proposed",
  settings: {},
  update: 0,
  totalUpdates: 10,
  backend: "reference",
  parameters: 3
}
const at = (epoch: number, metrics: Readonly<Record<string, number>> = { loss: epoch }) =>
  progress({ update: epoch * 4, epoch, metrics, updatesPerSecond: 33 })

const recordAll = (options: Parameters<typeof layerOpenTelemetry>[0], events: ReadonlyArray<TrainingEvent>) =>
  Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
    Effect.provide(layerOpenTelemetry(options), { local: true })
  )

describe("layerOpenTelemetry", () => {
  it.live("sends a span for each epoch, within that of the run", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector()
      yield* recordAll({ endpoint, headers: { "x-key": "secret" } }, [
        started,
        at(0.5),
        { _tag: "PictureWritten", update: 2, path: "a.png" },
        at(1, { loss: Number.NaN }),
        { _tag: "Checkpointed", update: 4, path: "b" },
        at(1.75),
        at(2.25),
        { _tag: "Finished", update: 9, seconds: 1 }
      ])
      assert.isTrue(
        received.every(({ type, key }) => type?.startsWith("application/json") === true && key === "secret")
      )
      const spans = spansIn(received)
      assert.deepStrictEqual(spans.map(({ name }) => name).toSorted(), ["epoch 1", "epoch 2", "epoch 3", "training"])
      const named = (name: string) => spans.find((span) => span.name === name)
      const run = named("training")
      const attributesOf = (name: string) =>
        Object.fromEntries((named(name)?.attributes ?? []).map(({ key, value }) => [key, value]))
      assert.deepInclude(attributesOf("training"), { "fovea.run": { stringValue: "proposed" } })
      assert.deepStrictEqual(attributesOf("epoch 1"), {
        "fovea.loss": { stringValue: "NaN" },
        "fovea.epoch": { intValue: 1 },
        "fovea.update": { intValue: 4 }
      })
      assert.deepInclude(attributesOf("epoch 2"), { "fovea.loss": { doubleValue: 1.75 } })
      assert.deepStrictEqual(
        named("epoch 1")?.events.map(({ name }) => name),
        ["PictureWritten"]
      )
      assert.deepStrictEqual(
        run?.events.map(({ name }) => name),
        ["Checkpointed"]
      )
      for (const span of spans) {
        assert.strictEqual(span.traceId, run?.traceId)
        if (span !== run) assert.strictEqual(span.parentSpanId, run?.spanId)
        assert.isAtLeast(Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)), 0)
      }
      // Without gaps: each epoch begins where the one before it ended.
      assert.strictEqual(named("epoch 1")?.startTimeUnixNano, run?.startTimeUnixNano)
      assert.strictEqual(named("epoch 2")?.startTimeUnixNano, named("epoch 1")?.endTimeUnixNano)
      assert.strictEqual(named("epoch 3")?.startTimeUnixNano, named("epoch 2")?.endTimeUnixNano)
    }).pipe(Effect.scoped)
  )

  it.live("sends the latest metrics, while the run goes on and at its end", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector()
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(started)
        yield* record(at(0.5, { loss: 3, broken: Infinity }))
        while (gaugesIn(received).length === 0) yield* Effect.sleep("10 millis")
        yield* record(at(1, { loss: 2.5 }))
      }).pipe(Effect.provide(layerOpenTelemetry({ endpoint, exportInterval: "50 millis" }), { local: true }))
      const sent = gaugesIn(received)
      assert.deepStrictEqual(sent[0], {
        "fovea.training.loss": [3],
        "fovea.training.update": [2],
        "fovea.training.epoch": [0.5],
        "fovea.training.updatesPerSecond": [33]
      })
      assert.deepInclude(sent.at(-1), { "fovea.training.loss": [2.5], "fovea.training.epoch": [1] })
      // The run was not finished: its spans end with the log.
      assert.deepStrictEqual(
        spansIn(received)
          .map(({ name }) => name)
          .toSorted(),
        ["epoch 1", "training"]
      )
    }).pipe(Effect.scoped)
  )

  it.live("sends them under the run's name, and nothing of what is no report", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector()
      // However many slashes the address ends with.
      yield* recordAll({ endpoint: `${endpoint}//` }, [started, at(1), { _tag: "Interrupted", update: 99 }])
      const points = received
        .filter(({ path }) => path === "/v1/metrics")
        .flatMap(({ body }) => Schema.decodeUnknownSync(Metrics)(body).resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
        .flatMap(({ gauge }) => gauge.dataPoints)
      assert.isNotEmpty(points)
      for (const { attributes } of points) {
        assert.deepInclude(attributes, { key: "run", value: { stringValue: "proposed" } })
      }
      assert.deepInclude(gaugesIn(received).at(-1), { "fovea.training.update": [4] })
    }).pipe(Effect.scoped)
  )

  it.live("keeps the metrics of two logs apart", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* collector(), yield* collector()]
      yield* recordAll({ endpoint: one.endpoint }, [at(1, { one: 1 })])
      yield* recordAll({ endpoint: other.endpoint }, [at(1, { other: 1 })])
      assert.property(gaugesIn(one.received).at(-1), "fovea.training.one")
      assert.notProperty(gaugesIn(other.received).at(-1), "fovea.training.one")
    }).pipe(Effect.scoped)
  )

  it.live("does not disturb a run whose collector refuses, or is not there", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector(400)
      yield* recordAll({ endpoint }, oneOfEach)
      assert.isAbove(received.length, 0)
      yield* recordAll({ endpoint: "http://127.0.0.1:9", shutdownTimeout: "50 millis" }, oneOfEach)
    }).pipe(Effect.scoped)
  )

  it.effect("is silent without an endpoint", () =>
    Effect.gen(function* () {
      const calls: Array<unknown> = []
      const original = globalThis.fetch
      globalThis.fetch = (...call) => {
        calls.push(call)
        return original(...call)
      }
      yield* recordAll({}, oneOfEach).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            globalThis.fetch = original
          })
        )
      )
      assert.deepStrictEqual(calls, [])
    })
  )
})
