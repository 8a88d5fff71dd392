import type * as Duration from "effect/Duration"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"

/** Where a program's telemetry goes. */
export interface OpenTelemetryOptions {
  /** Base address of a collector that takes OTLP over HTTP in JSON (usually port 4318). Without it nothing is sent. */
  readonly endpoint?: string | undefined
  /** Headers of every request, such as a key. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Time between two exports; 5 seconds if not given. */
  readonly exportInterval?: Duration.Input | undefined
  /** How long closing the layer waits for a collector, for metrics and for spans; 3 seconds each if not given. */
  readonly shutdownTimeout?: Duration.Input | undefined
}

/**
 * Sends the spans and metrics of whatever runs in this layer to an OpenTelemetry collector, by Effect's own exporters: of a training
 * the spans `Training.run` and `Training.epoch` with its last metrics, and gauges `fovea.training.*` (`Training.logEvery`). Nothing is sent
 * without an endpoint. What a collector does not take is lost; a run is not disturbed by it.
 */
export const layerOpenTelemetry = ({
  endpoint,
  headers,
  exportInterval = "5 seconds",
  shutdownTimeout = "3 seconds"
}: OpenTelemetryOptions): Layer.Layer<never> => {
  if (endpoint === undefined) return Layer.empty
  const base = endpoint.replace(/\/+$/, "")
  const options = { headers, exportInterval, shutdownTimeout, resource: { serviceName: "fovea" } }
  return Layer.mergeAll(
    OtlpTracer.layer({ ...options, url: `${base}/v1/traces` }),
    OtlpMetrics.layer({ ...options, url: `${base}/v1/metrics` })
  ).pipe(
    Layer.provide([OtlpSerialization.layerJson, FetchHttpClient.layer]),
    // A flusher knows the exporters of its layer alone.
    Layer.fresh
  )
}
