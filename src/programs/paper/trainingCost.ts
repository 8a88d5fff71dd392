import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { parametersOf, type TrainableModel } from "../../domain/model/TrainableModel.ts"
import { parameterCount } from "../../domain/nn/parameter.ts"
import type { TrainingCost } from "../../domain/paper/report/Results.ts"
import { programCost } from "../../domain/tensor/cost.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { programOf } from "../explain/explainTraining.ts"

/**
 * What a training takes: its parameters, the arithmetic of one update of a whole batch, and the median time of an update by the
 * log at `path`, if there is one that has any. Fails with a `TrainingLogError` for a log that is none.
 */
export const trainingCost = Effect.fn("trainingCost")(function* (
  model: TrainableModel,
  settings: ExperimentSettings,
  path: string
) {
  const fs = yield* FileSystem.FileSystem
  const isThere = yield* Effect.orElseSucceed(fs.exists(path), () => false)
  const { records } = isThere ? yield* readJsonLines(path) : { records: [] }
  const times = records.flatMap(({ event }) => (event._tag === "Progress" ? [1000 / event.updatesPerSecond] : []))
  const median = times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)]
  const cost: TrainingCost = {
    parameters: parameterCount(parametersOf(model)),
    gigaflop: programCost(programOf(settings, model.format)).flop / 1e9,
    ...(median !== undefined && { milliseconds: median })
  }
  return cost
})
