import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import { layerOpenTelemetry } from "../../../src/layers/log/openTelemetry.ts"
import { gaugeProgress } from "../../../src/layers/log/progressGauges.ts"
import { collector, type Received } from "./collector.ts"
import { progress } from "./trainingEvents.ts"

const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.Unknown }))
const Span = Schema.Struct({
  name: Schema.String,
  spanId: Schema.String,
  traceId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  attributes: Attributes
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

/** What a run does: spans in one another, and gauges of its metrics. */
const reported = (loss: number) =>
  gaugeProgress(
    "proposed",
    progress({ update: 4, epoch: 1, metrics: { loss, broken: Infinity }, updatesPerSecond: 33 })
  )
const run = (loss: number) =>
  reported(loss).pipe(
    Effect.withSpan("Training.epoch", { attributes: { "fovea.epoch": 1 } }),
    Effect.withSpan("Training.run")
  )

const within = (options: Parameters<typeof layerOpenTelemetry>[0]) =>
  Effect.provide(layerOpenTelemetry(options), { local: true })

/** Metrics of its own for each test. */
const alone = Effect.provideService(Metric.MetricRegistry, new Map())

describe("layerOpenTelemetry", () => {
  it.live("sends the spans and gauges of what runs in it, with headers", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector()
      // However many slashes the address ends with.
      yield* run(2.5).pipe(within({ endpoint: `${endpoint}//`, headers: { "x-key": "secret" } }), alone)
      assert.isTrue(
        received.every(({ type, key }) => type?.startsWith("application/json") === true && key === "secret")
      )
      const spans = spansIn(received)
      const [epoch, whole] = ["Training.epoch", "Training.run"].map((name) => spans.find((span) => span.name === name))
      assert.isDefined(whole)
      assert.strictEqual(epoch?.parentSpanId, whole?.spanId)
      assert.strictEqual(epoch?.traceId, whole?.traceId)
      assert.deepInclude(epoch?.attributes ?? [], { key: "fovea.epoch", value: { intValue: 1 } })
      assert.deepStrictEqual(gaugesIn(received).at(-1), {
        "fovea.training.loss": [2.5],
        "fovea.training.update": [4],
        "fovea.training.epoch": [1],
        "fovea.training.updatesPerSecond": [33]
      })
    }).pipe(Effect.scoped)
  )

  it.live("sends the latest metrics while a run goes on", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector()
      yield* Effect.gen(function* () {
        yield* run(3)
        while (gaugesIn(received).length === 0) yield* Effect.sleep("10 millis")
        yield* run(2)
      }).pipe(within({ endpoint, exportInterval: "50 millis" }), alone)
      const losses = gaugesIn(received).map((gauges) => gauges["fovea.training.loss"])
      assert.deepStrictEqual([losses[0], losses.at(-1)], [[3], [2]])
    }).pipe(Effect.scoped)
  )

  it.live("does not disturb a run whose collector refuses, or is not there", () =>
    Effect.gen(function* () {
      const { endpoint, received } = yield* collector(400)
      yield* run(1).pipe(within({ endpoint }), alone)
      assert.isAbove(received.length, 0)
      yield* run(1).pipe(within({ endpoint: "http://127.0.0.1:9", shutdownTimeout: "50 millis" }), alone)
    }).pipe(Effect.scoped)
  )

  it.live("sends nothing without an endpoint", () =>
    Effect.gen(function* () {
      const calls: Array<unknown> = []
      const original = globalThis.fetch
      globalThis.fetch = (...call) => {
        calls.push(call)
        return original(...call)
      }
      yield* run(1).pipe(
        within({}),
        alone,
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
