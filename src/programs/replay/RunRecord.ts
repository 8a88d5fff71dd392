import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { CheckpointDescription, Manifest } from "../../domain/checkpoint/Manifest.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { type CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { NoCheckpointError } from "../checkpoint/openCheckpoint.ts"

/** What was recorded of one update. */
export type UpdateRecord =
  | { readonly kind: "metrics"; readonly source: string; readonly metrics: Readonly<Record<string, number>> }
  | {
      readonly kind: "tensors"
      readonly source: string
      readonly tensors: Effect.Effect<NamedTensors, CheckpointError>
    }
  | { readonly kind: "digest"; readonly source: string; readonly manifest: Manifest }

/** What a run has left behind that it can be held to when it is computed again. */
export interface RunRecord {
  readonly description: CheckpointDescription
  readonly updates: ReadonlyMap<number, ReadonlyArray<UpdateRecord>>
}

/**
 * What is recorded of a run: the metrics in its log, if there is one at `log`, and the states in the `CheckpointStore` and the
 * `Milestones`. Fails with a `NoCheckpointError` if there is none, since only checkpoints say with what settings it ran.
 */
export const recordOfRun = Effect.fn("Runs.recordOf")(function* (log: string) {
  const fs = yield* FileSystem.FileSystem
  const store = yield* CheckpointStore
  const milestones = yield* Milestones
  const newest = yield* store.latest
  if (Option.isNone(newest)) return yield* new NoCheckpointError({ location: store.location })

  const updates = new Map<number, Array<UpdateRecord>>()
  const add = (update: number, record: UpdateRecord) => updates.set(update, [...(updates.get(update) ?? []), record])
  if (yield* Effect.orElseSucceed(fs.exists(log), () => false)) {
    for (const { event } of (yield* readJsonLines(log)).records) {
      if (event._tag === "Progress") add(event.update, { kind: "metrics", source: log, metrics: event.metrics })
    }
  }
  const { update: last } = newest.value.description
  for (const { list, load, location } of [store, milestones]) {
    for (const update of yield* list) {
      // A store that falls back has passed over later checkpoints: they are damaged.
      if (location === store.location && update > last) continue
      const tensors = Effect.map(load(update), (checkpoint) => checkpoint.tensors)
      add(update, { kind: "tensors", source: `the state of update ${update} in ${location}`, tensors })
    }
  }
  const record: RunRecord = { description: newest.value.description, updates }
  return record
})

/** What a manifest by itself records: the metrics of its update, and the digest of the state. */
export const recordOfManifest = (manifest: Manifest, description: CheckpointDescription, path: string): RunRecord => ({
  description,
  updates: new Map([
    [
      manifest.update,
      [
        { kind: "metrics", source: path, metrics: manifest.metrics },
        { kind: "digest", source: path, manifest }
      ]
    ]
  ])
})
