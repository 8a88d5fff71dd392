import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import type { TrainingEvent } from "../../src/domain/experiment/TrainingEvent.ts"
import { tensorData } from "../../src/domain/tensor/TensorData.ts"
import type { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory as layerCheckpointMemory } from "../../src/layers/checkpoint/memory.ts"
import { layerMemory as layerLogMemory, type TrainingLog } from "../../src/layers/log/TrainingLog.ts"
import type { Describe, Snapshot, TrainingProgress } from "../../src/programs/training/Training.ts"
import { noEvents } from "../programs/training/tinyExperiment.ts"

/** The state of a run made by hand after so many updates. */
export const snapshotAt = (update: number): Snapshot => ({
  update,
  tensors: { "generator.bias": tensorData([1], Float32Array.of(update)) },
  metrics: { loss: 1 / update }
})

/** What a run made by hand is of. */
export const byHand: TrainingProgress["run"] = {
  program: "by hand",
  seed: 0,
  batchSize: 1,
  shards: 1,
  backend: "none",
  data: { name: "none", digests: {} }
}

/** A run made by hand: updates `from + 1 .. total` in epochs of 4, whose state is the number of updates. */
export const madeByHand = (total: number, from = 0): Stream.Stream<TrainingProgress> =>
  Stream.range(from + 1, total).pipe(
    Stream.map((update) => ({
      update,
      totalUpdates: total,
      epoch: update / 4,
      run: byHand,
      metrics: { loss: 1 / update },
      snapshot: Effect.sync(() => snapshotAt(update)),
      state: Effect.sync(() => snapshotAt(update))
    }))
  )

/** What is kept beside such a state. */
export const describeSnapshot: Describe = ({ update, metrics }) =>
  Effect.succeed({
    library: { name: "fovea", version: "0.0.0" },
    model: "by hand",
    update,
    seed: 0,
    settings: {},
    backend: "none",
    dataset: { name: "none", digests: {} },
    metrics,
    createdAt: "2026-01-01T00:00:00.000Z"
  })

/** The updates that elements or events are of. */
export const updatesOf = (elements: ReadonlyArray<{ readonly update: number }>) => elements.map(({ update }) => update)

/** Runs with a fresh store and log; gives the test both. */
export const withStores = <A, E>(
  test: (events: Ref.Ref<ReadonlyArray<TrainingEvent>>) => Effect.Effect<A, E, CheckpointStore | TrainingLog>
): Effect.Effect<A, E> =>
  Effect.flatMap(noEvents, (events) =>
    Effect.provide(test(events), Layer.merge(layerCheckpointMemory, layerLogMemory(events)), { local: true })
  )

/** The multiples of `period` up to `total`, and `total`. */
export const dueUpdates = (total: number, period: number): ReadonlyArray<number> =>
  Array.from({ length: total }, (_, i) => i + 1).filter((update) => update % period === 0 || update === total)

/** How long a run is, and how often something is to be done. */
export const lengths = fc.record({ total: fc.integer({ min: 1, max: 12 }), period: fc.integer({ min: 1, max: 15 }) })
