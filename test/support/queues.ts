import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { QueueError } from "../../src/layers/queue/queueErrors.ts"
import {
  type Lease,
  LeaseTimes,
  type QueueWorker,
  type SweepPoint,
  TrainingQueue
} from "../../src/layers/queue/TrainingQueue.ts"

/** A point of a sweep; give what the test is about. */
export const pointOf = (id: string, changes: Partial<SweepPoint> = {}): SweepPoint => ({
  id,
  payload: `{"seed":"${id}"}`,
  version: 1,
  engine: "onnxruntime-cpu",
  ...changes
})

/** A worker that can train such points. */
export const workerOf = (name: string, changes: Partial<QueueWorker> = {}): QueueWorker => ({
  name,
  versions: [1],
  engine: "onnxruntime-cpu",
  ...changes
})

/** Three points and the sweep that they are of. */
export const abc = ["a", "b", "c"].map((id) => pointOf(id))
export const plan = { name: "seeds", plan: "{}" }

/** The next point for a worker; there must be one. */
export const taken = (queue: TrainingQueue["Service"], worker: string): Effect.Effect<Lease, QueueError> =>
  Effect.map(queue.claim(workerOf(worker)), Option.getOrThrow)

/** A queue of its own for each test, and how long to be silent until a lease of so many milliseconds has run out. */
export const queueWith =
  (layer: Layer.Layer<TrainingQueue, unknown>, leaseMillis: number) =>
  <A, E>(use: (queue: TrainingQueue["Service"], silence: Effect.Effect<void>) => Effect.Effect<A, E>) => {
    const times = Layer.succeed(LeaseTimes, {
      lease: Duration.millis(leaseMillis),
      beat: Duration.millis(leaseMillis / 5),
      fruitless: 2
    })
    const longerThanALease = Effect.sleep(Duration.millis(1.4 * leaseMillis))
    return TrainingQueue.use((queue) => use(queue, longerThanALease)).pipe(
      Effect.provide(layer.pipe(Layer.provideMerge(times)), { local: true })
    )
  }
