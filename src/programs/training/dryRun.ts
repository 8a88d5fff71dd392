import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { type ExperimentSettings, misfit, totalUpdates } from "../../domain/experiment/ExperimentSettings.ts"
import { modelOf } from "../../domain/model/modelOf.ts"
import { parametersOf } from "../../domain/model/TrainableModel.ts"
import { parameterCount } from "../../domain/nn/parameter.ts"
import { programCost } from "../../domain/tensor/cost.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { alignedTable } from "../../domain/text/alignedTable.ts"
import { duration } from "../../domain/text/numbers.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { residentBytes } from "../../layers/machine/thisMachine.ts"
import { programOf } from "../explain/explainTraining.ts"
import { trainModel } from "./trainModel.ts"

/** Updates that are tried, the first of which is not counted: it also fills caches. */
const triedUpdates = 11
const triedMillis = 3000

/** What a training would be, without any of it being kept. */
export interface DryRun {
  readonly name: string
  readonly dataset: string
  readonly images: { readonly training: number; readonly validation: number; readonly test: number }
  /** Of an image: `[channels, height, width]`. */
  readonly shape: readonly [channels: number, height: number, width: number]
  readonly model: string
  readonly parameters: number
  readonly batchSize: number
  readonly updatesPerEpoch: number
  readonly updates: number
  readonly epochs: number
  /** Floating-point operations of one update of a whole batch, in 10^9. */
  readonly gigaflop: number
  /** Bytes of the state that a checkpoint holds: parameters and what the optimizers remember. */
  readonly stateBytes: number
  /** Bytes of memory that this process had taken after a few updates. */
  readonly residentBytes: number
  readonly backend: string
  /** Of one update, the mean of a few. */
  readonly milliseconds: number
  readonly seconds: number
}

/**
 * What training an experiment on the `Dataset` by the `TensorBackend` would come to: sizes and arithmetic by calculation, time and
 * memory by a few updates whose results are thrown away. Writes nothing. Fails with a `SettingsError` if the settings do not
 * fit the images.
 */
export const dryRun = Effect.fn("dryRun")(function* (settings: ExperimentSettings) {
  const { name: dataset, training, validation, test } = yield* Dataset
  const { name: backend } = yield* TensorBackend
  const { channels, height, width, count } = training
  const format = { channels, height, width }
  const problem = misfit(settings, format, count)
  if (problem !== undefined) return yield* problem
  const model = modelOf(settings.model, format)
  const program = programOf(settings, format)
  const perEpoch = updatesPerEpoch(count, settings.training.batchSize)
  const updates = totalUpdates(settings, perEpoch)
  const milliseconds = yield* timeOfUpdate(model, settings)
  const found: DryRun = {
    name: settings.name,
    dataset,
    images: { training: count, validation: validation.count, test: test.count },
    shape: [channels, height, width],
    model: model.name,
    parameters: parameterCount(parametersOf(model)),
    batchSize: settings.training.batchSize,
    updatesPerEpoch: perEpoch,
    updates,
    epochs: updates / perEpoch,
    gigaflop: programCost(program).flop / 1e9,
    stateBytes: Object.values(program.state).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0),
    residentBytes: yield* residentBytes,
    backend,
    milliseconds,
    seconds: (milliseconds * updates) / 1000
  }
  return found
})

const timeOfUpdate = Effect.fnUntraced(function* (model: ReturnType<typeof modelOf>, settings: ExperimentSettings) {
  const plan = { ...settings.training, seed: settings.seed, updates: triedUpdates, notFinite: "pass" } as const
  const times = yield* trainModel(model, plan).pipe(
    Stream.mapEffect(() => Clock.currentTimeMillis),
    Stream.mapAccum(
      (): number | undefined => undefined,
      (first, now) => [first ?? now, [{ now, late: first !== undefined && now - first > triedMillis }]] as const
    ),
    Stream.takeUntil(({ late }) => late),
    Stream.map(({ now }) => now),
    Stream.runCollect
  )
  const [first = 0, last = 0] = [times[0], times[times.length - 1]]
  return times.length < 2 ? 0 : (last - first) / (times.length - 1)
})

/** What a dry run found, with notes below, for people to read. */
export const dryRunTable = (run: DryRun, notes: ReadonlyArray<string>): string => {
  const whole = (value: number) => Math.round(value).toLocaleString("en-US")
  const mebibytes = (bytes: number) => `${whole(bytes / 2 ** 20)} MiB`
  const [channels, height, width] = run.shape
  const { training, validation, test } = run.images
  const rows = [
    ["experiment", run.name],
    [
      "data",
      `${run.dataset}: ${whole(training)} training, ${whole(validation)} validation, ${whole(test)} test images`
    ],
    ["image", `${height} x ${width}, ${channels === 1 ? "grey" : `${channels} channels`}`],
    ["model", `${run.model}, ${whole(run.parameters)} parameters`],
    ["length", `${whole(run.updates)} updates of ${run.batchSize} images, ${run.epochs.toFixed(1)} epochs`],
    ["arithmetic", `${run.gigaflop.toPrecision(3)} GFLOP an update`],
    ["memory", `${mebibytes(run.stateBytes)} of state; ${mebibytes(run.residentBytes)} in all after a few updates`],
    ["time", `${run.milliseconds.toPrecision(3)} ms an update on ${run.backend}, ${duration(run.seconds)} in all`]
  ]
  return terminalTable([...alignedTable(rows, { first: 2, last: 1 }), ...notes])
}
