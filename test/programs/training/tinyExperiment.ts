import { assert } from "@effect/vitest"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type { ExperimentSettings } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { deepMerge, type SettingsJson, settingsFrom } from "../../../src/domain/experiment/presets.ts"
import type { TrainingEvent, TrainingEventOf } from "../../../src/domain/experiment/TrainingEvent.ts"
import type { NamedTensors, TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerDivergedStatesMemory } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { layerMilestonesMemory } from "../../../src/layers/checkpoint/Milestones.ts"
import { layerMemory as layerCheckpointMemory } from "../../../src/layers/checkpoint/memory.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { layerMemory as layerLogMemory } from "../../../src/layers/log/TrainingLog.ts"

/** A run of twelve updates that takes milliseconds: images of 6 rows and 5 columns, a model of 400 numbers. */
export const tinyJson: SettingsJson = {
  name: "tiny",
  seed: 1,
  dataset: { kind: "synthetic", count: 24, height: 6, width: 5 },
  model: { filters: 3, glimpses: 2, units: 6, latentSize: 3 },
  training: { epochs: 2, batchSize: 4 },
  reporting: { logEveryUpdates: 1, checkpointEveryEpochs: 1, picturesEveryEpochs: 1 }
}

/** The tiny run's settings with changes laid over them. */
export const tinySettings = (changes: SettingsJson = {}): ExperimentSettings =>
  Result.getOrThrow(settingsFrom("paper", [deepMerge(tinyJson, changes)]))

/** Updates of the tiny run. */
export const tinyUpdates = 12

/** The data set that the command line would make of the tiny settings. */
export const layerTinyData = layerSynthetic({ count: 24, channels: 1, height: 6, width: 5, seed: 0 })

/** Stores in memory and the tiny data set; what is logged is added to `events`. */
export const tinyWorld = (events: Ref.Ref<ReadonlyArray<TrainingEvent>>) =>
  Layer.mergeAll(
    layerTinyData,
    layerCheckpointMemory,
    layerMilestonesMemory,
    layerDivergedStatesMemory,
    layerLogMemory(events)
  )

/** An empty list of events, for `layerMemory` of the log. */
export const noEvents: Effect.Effect<Ref.Ref<ReadonlyArray<TrainingEvent>>> = Ref.make<ReadonlyArray<TrainingEvent>>([])

/** The events of one kind. */
export const eventsOf = <Tag extends TrainingEvent["_tag"]>(
  tag: Tag,
  events: ReadonlyArray<TrainingEvent>
): ReadonlyArray<TrainingEventOf<Tag>> => events.filter((event): event is TrainingEventOf<Tag> => event._tag === tag)

/** The metrics of every logged update, by update; a later record of an update replaces an earlier one. */
export const metricsByUpdate = (events: ReadonlyArray<TrainingEvent>): ReadonlyMap<number, unknown> =>
  new Map(eventsOf("Progress", events).map(({ update, metrics }) => [update, metrics]))

const bitsOf = ({ shape, values }: TensorData): unknown => ({
  shape: [...shape],
  bytes: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex")
})

/** Fails unless two sets of tensors have the same paths, shapes and bits (NaN equal to itself, -0 not equal to 0). */
export const assertSameBits = (actual: NamedTensors, expected: NamedTensors): void => {
  const bits = (tensors: NamedTensors) =>
    Object.fromEntries(Object.entries(tensors).map(([path, tensor]) => [path, bitsOf(tensor)]))
  assert.isNotEmpty(Object.keys(expected))
  assert.deepStrictEqual(bits(actual), bits(expected))
}

/** The paths whose numbers differ in at least one bit. */
export const changedPaths = (before: NamedTensors, after: NamedTensors): ReadonlyArray<string> =>
  Object.keys(after).filter((path) => {
    const [left, right] = [before[path], after[path]]
    return left === undefined || right === undefined || JSON.stringify(bitsOf(left)) !== JSON.stringify(bitsOf(right))
  })
