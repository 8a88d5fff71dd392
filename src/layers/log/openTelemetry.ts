import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { makeEpochSpans } from "./epochSpans.ts"
import { gaugeProgress } from "./progressGauges.ts"
import { layerSilent, TrainingLog } from "./TrainingLog.ts"

/** Where a run's telemetry goes. */
export interface OpenTelemetryOptions {
  /** Base address of a collector that takes OTLP over HTTP in JSON (usually port 4318). Without it nothing is sent. */
  readonly endpoint?: string | undefined
  /** Headers of every request, such as a key. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Time between two exports; 5 seconds if not given. */
  readonly exportInterval?: Duration.Input | undefined
  /** How long closing the log waits for a collector, for metrics and for spans; 3 seconds each if not given. */
  readonly shutdownTimeout?: Duration.Input | undefined
}

/**
 * Sends a run to an OpenTelemetry collector: metrics to `/v1/metrics`, as gauges `fovea.training.*` of the latest
 * values; a trace to `/v1/traces`, with a span for the run and in it one for every epoch (`makeEpochSpans`).
 * Off, which is to say silent, unless there is an endpoint.
 *
 * `record` hands the event on and never waits: exports happen at intervals and when the layer is closed. What a collector
 * does not take is lost; a run is not disturbed by it.
 */
export const layerOpenTelemetry = ({
  endpoint,
  headers,
  exportInterval = "5 seconds",
  shutdownTimeout = "3 seconds"
}: OpenTelemetryOptions): Layer.Layer<TrainingLog> =>
  endpoint === undefined
    ? layerSilent
    : exporting(endpoint.replace(/\/+$/, ""), { headers, exportInterval, shutdownTimeout })

const exporting = (
  endpoint: string,
  settings: Required<Omit<OpenTelemetryOptions, "endpoint">>
): Layer.Layer<TrainingLog> =>
  Layer.effect(
    TrainingLog,
    Effect.gen(function* () {
      const options = { ...settings, resource: { serviceName: "fovea" } }
      // Metrics of its own: those that the rest of the program keeps are not this log's to send.
      const registry = yield* Metric.MetricRegistry
      const tracer = yield* OtlpTracer.make({ ...options, url: `${endpoint}/v1/traces` })
      yield* OtlpMetrics.make({ ...options, url: `${endpoint}/v1/metrics` })
      const spans = makeEpochSpans(tracer)
      // Finalizers run last-in first-out: the spans end before the exporters send what is left.
      yield* Effect.addFinalizer(() => Effect.map(Clock.currentTimeNanos, spans.end))
      let run = "run"

      const record = Effect.fnUntraced(function* (event: TrainingEvent) {
        if (event._tag === "Started") run = event.name
        spans.record(event, yield* Clock.currentTimeNanos)
        if (event._tag !== "Progress") return
        yield* gaugeProgress(run, event)
      })
      return TrainingLog.of({
        record: (event) => record(event).pipe(Effect.provideService(Metric.MetricRegistry, registry))
      })
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  ).pipe(
    Layer.provide([OtlpExporter.layerFlusher, OtlpSerialization.layerJson, FetchHttpClient.layer]),
    // A flusher knows the exporters of its layer alone.
    Layer.fresh
  )
