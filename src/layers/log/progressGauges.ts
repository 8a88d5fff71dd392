import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"

/**
 * Sets the gauges of a run, in the current `MetricRegistry`: `fovea.training.` with `update`, `epoch`, `updatesPerSecond` and the name
 * of each metric, all with the attribute `run`. A number that is not finite is left out, as OTLP in JSON has no agreed form for one.
 */
export const gaugeProgress = (
  run: string,
  { update, epoch, updatesPerSecond, metrics }: TrainingEventOf<"Progress">
): Effect.Effect<void> =>
  Effect.forEach(
    Object.entries({ ...metrics, update, epoch, updatesPerSecond }).filter(([, value]) => Number.isFinite(value)),
    ([name, value]) => Metric.update(Metric.gauge(`fovea.training.${name}`, { attributes: { run } }), value),
    { discard: true }
  )
