import * as Effect from "effect/Effect"
import { adversarialProgram, adversarialState } from "../../../src/domain/experiment/adversarialTraining.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { AttentionGanSettings } from "../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { uniform } from "../../../src/domain/random/noise.ts"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { shardsFor } from "../../../src/domain/tensor/Sharding.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { lineChart } from "../../../src/layers/chart/lineChart.ts"
import { timed } from "../harness.ts"
import type { BenchResult } from "../result.ts"
import type { Effort } from "./update.ts"

/** The paper's sizes, one of which is changed at a time. */
const paper = { batch: 100, side: 28, glimpses: 6, filters: 5, units: 256 }

type Axis = keyof typeof paper

const values: { readonly [A in Axis]: ReadonlyArray<number> } = {
  batch: [25, 50, 100, 200, 400, 800],
  side: [28, 40, 56, 80, 112, 128],
  glimpses: [1, 2, 4, 8, 16, 32, 64],
  filters: [2, 5, 8, 12, 16],
  units: [64, 128, 256, 512]
}

/** What an update should be linear in, apart from a constant. */
const workOf: { readonly [A in Axis]: (value: number) => number } = {
  batch: (batch) => batch,
  side: (side) => side * side,
  glimpses: (glimpses) => glimpses,
  filters: (filters) => filters,
  units: (units) => units * units
}

const optimizer = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })

/**
 * One update of the attention GAN as one of its sizes grows and the others are the paper's, on as many shards as the
 * backend runs at once; the least of all updates measured, which a busy machine disturbs least.
 */
export const measureGrowth = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const growth: Array<NonNullable<BenchResult["growth"]>[number]> = []
    for (const axis of Object.keys(values) as Array<Axis>) {
      const points = []
      for (const value of values[axis]) {
        const { ms, flop } = yield* measurePoint({ ...paper, [axis]: value }, rounds * seconds)
        points.push({ value, work: workOf[axis](value), ms, flop })
      }
      growth.push({ axis, points, ...lineThrough(points.map(({ work, ms }) => [work, ms] as const)) })
    }
    return growth
  }).pipe(Effect.provide(layerOnnxRuntime))

const measurePoint = (sizes: typeof paper, seconds: number) =>
  Effect.gen(function* () {
    const { batch, side, glimpses, filters, units } = sizes
    const model = attentionGan(
      new AttentionGanSettings({
        kind: "attention-gan",
        filters,
        glimpses,
        units,
        latentSize: 100,
        activation: { generator: "tanh", discriminator: "tanh" },
        canvas: "sigmoid",
        canvasStart: "zero",
        windowScale: 0.1,
        initialHiddenDeviation: 0.1
      }),
      { channels: 1, height: side, width: side }
    )
    const backend = yield* TensorBackend
    const options = {
      batchSize: batch,
      generatorOptimizer: optimizer,
      discriminatorOptimizer: optimizer,
      sharedNoise: false
    }
    const program = adversarialProgram(model, { ...options, shards: shardsFor(batch, backend.parallelism ?? 1) })
    const pixels = tensorData([1, side, side], new Float32Array(side * side))
    const state = initialise(adversarialState(model, options), 0, { mean: pixels, sample: pixels })
    const executable = yield* backend.compile(program, state)
    const values = uniform({ seed: 0, stream: "images", step: 0 }, batch * side * side)
    const images = tensorData([batch, 1, side, side], values)
    let k = 0
    const update = Effect.suspend(() =>
      Effect.andThen(executable.step({ inputs: { images }, noise: { seed: 0, step: k++ } }), executable.readOutputs)
    )
    for (let i = 0; i < 3; i++) yield* update
    const times = yield* timed({ most: 200, seconds }, () => update)
    return { ms: Math.min(...times), flop: programCost(adversarialProgram(model, options)).flop }
  }).pipe(Effect.scoped)

/** The line of least squares `ms = base + slope work`, and which share of the variance of `ms` it explains. */
export const lineThrough = (
  points: ReadonlyArray<readonly [work: number, ms: number]>
): { readonly base: number; readonly slope: number; readonly explained: number } => {
  const mean = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const [workMean, msMean] = [mean(points.map(([work]) => work)), mean(points.map(([, ms]) => ms))]
  const covariance = mean(points.map(([work, ms]) => (work - workMean) * (ms - msMean)))
  const workVariance = mean(points.map(([work]) => (work - workMean) ** 2))
  const msVariance = mean(points.map(([, ms]) => (ms - msMean) ** 2))
  const slope = covariance / workVariance
  return { base: msMean - slope * workMean, slope, explained: covariance ** 2 / (workVariance * msVariance) }
}

const titles: { readonly [A in Axis]: string } = {
  batch: "batch size",
  side: "side of the image (pixels)",
  glimpses: "T, glimpses",
  filters: "N, filters an axis",
  units: "units"
}

/** Time against each size as an SVG document, with the fitted line. */
export const growthPlot = (growth: NonNullable<BenchResult["growth"]>): string =>
  lineChart(
    growth.map(({ axis, points, base, slope }) => {
      const last = Math.max(...points.map(({ work }) => work))
      // All panels share one horizontal axis: the share of the largest work measured.
      const share = (work: number): number => (100 * work) / last
      return {
        title: `${titles[axis as Axis]}: ${points.map(({ value }) => value).join(", ")}`,
        axis: "update (ms)",
        lines: [
          { label: "measured", points: points.map(({ work, ms }) => [share(work), ms] as const), marked: true },
          { label: "linear fit", points: points.map(({ work }) => [share(work), base + slope * work] as const) }
        ]
      }
    }),
    {
      width: 900,
      panelHeight: 240,
      lastEpoch: 100,
      across: "work, percent of the largest (pixels: side squared)",
      prefix: "growth"
    }
  )
