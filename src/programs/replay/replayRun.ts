import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import { type TensorDifference, tensorDifference } from "../../domain/checkpoint/tensorDifference.ts"
import { misfit } from "../../domain/experiment/ExperimentSettings.ts"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { recordedState, samplingGenerator } from "../../domain/experiment/sampling.ts"
import { modelOf } from "../../domain/model/modelOf.ts"
import { own } from "../../domain/record/own.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { digestOfTensors } from "../../layers/checkpoint/packedCheckpoint.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { thisEnvironment } from "../../layers/machine/thisEnvironment.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { requireSameData } from "../training/openRun.ts"
import type { TrainingProgress } from "../training/Training.ts"
import { trainModel } from "../training/trainModel.ts"
import { NothingToCompareError, ReplayDifferenceError } from "./ReplayError.ts"
import type { RunRecord, UpdateRecord } from "./RunRecord.ts"

/** How much of a run is computed again. */
export interface ReplayRange {
  /** Updates to compute. */
  readonly updates: number
  /** The update of the checkpoint to begin with; 0: the beginning. */
  readonly from: number
}

/** What agreed. */
export interface Replayed {
  readonly first: number
  readonly last: number
  /** Records of metrics, and of states, that are the same to the bit. */
  readonly metrics: number
  readonly states: number
  /** In what this machine and version are not those of the record. */
  readonly differences: ReadonlyArray<string>
}

/**
 * Computes a part of a run again, by the settings, seed and data of its record, and compares metrics and states with what is
 * recorded, bit for bit. Nothing is written. Fails with a `ReplayDifferenceError` that names the first difference, with a
 * `NothingToCompareError` if nothing is recorded of these updates, with a `SettingsError` if the `Dataset` is not the run's,
 * and with a `CheckpointError` if the `CheckpointStore` holds no checkpoint of `from`.
 */
export const replayRun = Effect.fn("Runs.replay")(function* (
  { description, updates: recorded }: RunRecord,
  { updates, from }: ReplayRange
) {
  const later = [...recorded.keys()].filter((update) => update > from).sort((left, right) => left - right)
  // Nothing is to be learnt from updates after the last record.
  const last = later.findLast((update) => update <= from + updates)
  if (last === undefined) {
    const [next] = later
    const range = { first: from + 1, last: from + updates }
    return yield* new NothingToCompareError({ ...range, ...(next === undefined ? {} : { next }) })
  }
  const { settings, format } = yield* Effect.fromResult(decodeRunDescription(description.settings))
  yield* requireSameData(description)
  const { training } = yield* Dataset
  const problem = misfit(settings, format, training.count)
  if (problem !== undefined) return yield* problem
  const differences = yield* differencesFrom(description, settings.training.shards ?? 1)
  const start = from === 0 ? undefined : yield* (yield* CheckpointStore).load(from)

  const counts = { metrics: 0, states: 0 }
  const compare = Effect.fnUntraced(function* (progress: TrainingProgress) {
    for (const record of recorded.get(progress.update) ?? []) {
      const difference = yield* differenceFrom(record, progress)
      if (difference !== undefined) {
        const { update } = progress
        return yield* new ReplayDifferenceError({ update, ...difference, record: record.source, differences })
      }
      counts[record.kind === "metrics" ? "metrics" : "states"]++
    }
  })
  yield* trainModel(
    modelOf(settings.model, format),
    { ...settings.training, shards: settings.training.shards ?? 1, seed: settings.seed, updates: last },
    start === undefined ? undefined : { update: from, state: start.tensors }
  ).pipe(Stream.runForEach(compare))
  const replayed: Replayed = { first: from + 1, last, ...counts, differences }
  return replayed
})

const differenceFrom = Effect.fnUntraced(function* (record: UpdateRecord, { metrics, snapshot }: TrainingProgress) {
  switch (record.kind) {
    case "metrics": {
      // A log has no -0.
      const same = (key: string) =>
        own(record.metrics, key) === own(metrics, key) || Object.is(own(record.metrics, key), own(metrics, key))
      const name = Object.keys(record.metrics).find((key) => !same(key))
      if (name === undefined) return undefined
      const difference: TensorDifference = {
        quantity: name,
        expected: String(own(record.metrics, name)),
        found: String(own(metrics, name))
      }
      return difference
    }
    case "tensors": {
      const expected = yield* record.tensors
      return tensorDifference(expected, recordedState(Object.keys(expected), (yield* snapshot).tensors))
    }
    case "digest": {
      const { sha256: expected, count } = record.manifest.tensors
      const { tensors } = yield* snapshot
      // A milestone's manifest speaks of the generator alone.
      const recorded = Object.keys(tensors).length === count ? tensors : samplingGenerator(tensors)
      const found = digestOfTensors(recorded, record.manifest)
      return expected === found ? undefined : { quantity: "the state's SHA-256", expected, found }
    }
  }
})

/** In what this machine and version are not those that a description names; it may not name all. */
const differencesFrom = Effect.fnUntraced(function* (description: CheckpointDescription, shards: number) {
  const { name: backend } = yield* TensorBackend
  const here = yield* thisEnvironment(backend, shards)
  const { library, environment = {} } = description
  const pairs: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ["fovea", library.version, libraryVersion],
    ["backend", description.backend, backend],
    ...Object.entries(here).map(
      ([name, value]) => [name, Object.entries(environment).find(([key]) => key === name)?.[1], value] as const
    )
  ]
  return pairs.flatMap(([name, was, is]) =>
    was === undefined || was === is ? [] : [`${name} ${String(is)} instead of ${String(was)}`]
  )
})
