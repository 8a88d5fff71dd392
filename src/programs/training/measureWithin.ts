import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import type { Snapshot, TrainingProgress } from "./Training.ts"

/** What was measured of a generator by a few samples. */
export interface SmallMeasures {
  readonly metrics: Readonly<Record<string, number>>
  /** The share of each class among the samples. */
  readonly classes?: ReadonlyArray<number>
}

/**
 * How the generators of bundled systems are measured while they are trained; not at all, unless it is provided. `share`: of the run's time, the part
 * that drawing and measuring may take, above 0 and below 1. `measure` is given samples `[samples, channels, B, A]` in [0, 1].
 */
export const RunMeasuring = Context.Reference<
  | {
      readonly share: number
      readonly samples: number
      readonly measure: (images: TensorData) => Effect.Effect<SmallMeasures, BackendError | MeasureError, TensorBackend>
    }
  | undefined
>("fovea/programs/RunMeasuring", { defaultValue: () => undefined })

/** What a measure is taken to cost before the first one, in milliseconds. */
const firstMillis = 1000

/**
 * Measures as often as its share of the time allows: when what it has taken, and would take once more, is no larger part of the time since the
 * run began here. What comes out, if anything, goes to the `TrainingLog` as `Measured`. No number of the training is changed by it.
 */
export const measureWithin =
  <E2, R2>(share: number, measure: (snapshot: Snapshot) => Effect.Effect<SmallMeasures | undefined, E2, R2>) =>
  <P extends TrainingProgress, E, R>(training: Stream.Stream<P, E, R>) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const log = yield* TrainingLog
        const began = yield* Clock.currentTimeMillis
        let [spent, last] = [0, firstMillis]
        const look = Effect.fnUntraced(function* ({ update, epoch, snapshot }: P) {
          const now = yield* Clock.currentTimeMillis
          if (spent + last > share * (now - began + last)) return
          const measures = yield* Effect.flatMap(snapshot, measure)
          last = (yield* Clock.currentTimeMillis) - now
          spent += last
          if (measures === undefined) return
          const { metrics, classes } = measures
          yield* log.record({ _tag: "Measured", update, epoch, metrics, ...(classes !== undefined && { classes }) })
        })
        return Stream.tap(training, look)
      })
    )
