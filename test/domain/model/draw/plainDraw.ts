import type { DrawSettings } from "../../../../src/domain/model/draw/DrawSettings.ts"
import type { ImageFormat } from "../../../../src/domain/model/GenerativeModel.ts"
import { plainLinear } from "../../../support/plainLinear.ts"
import { type PlainLstmState, plainLstm, plainSigmoid } from "../../../support/plainLstm.ts"
import {
  type Matrix,
  matricesOf,
  type PlainWindow,
  plainRead,
  plainWindow,
  plainWrite
} from "../../attention/plainAttention.ts"

export type Numbers = Readonly<Record<string, ArrayLike<number>>>

/** What DRAW makes of one image: canvases hold logits; windows are `gX, gY, d, sigma, gamma`. */
export interface PlainDrawing {
  readonly logLikelihood: number
  readonly divergence: number
  readonly canvases: ReadonlyArray<ReadonlyArray<number>>
  readonly readings: ReadonlyArray<ReadonlyArray<number>>
  readonly writings: ReadonlyArray<ReadonlyArray<number>>
}

/** Eq. 3-12, 17, 18 and 21-29 of Gregor 2015 in plain loops for one image, given what is drawn for each latent. */
export const plainDraw = (
  numbers: Numbers,
  { attention, readFilters, writeFilters }: DrawSettings,
  { channels, height, width }: ImageFormat,
  x: ReadonlyArray<number>,
  epsilons: ReadonlyArray<ReadonlyArray<number>>
): PlainDrawing => {
  const first = (path: string): PlainLstmState => ({
    hidden: Array.from(numbers[`${path}.initial.hidden`] ?? []),
    memory: Array.from(numbers[`${path}.initial.memory`] ?? [])
  })
  const windowOf = (path: string, hidden: ReadonlyArray<number>, filters: number): PlainWindow =>
    plainWindow(plainLinear(numbers, path, hidden), { height, width, filters })
  const planes = (values: ReadonlyArray<number>): ReadonlyArray<Matrix> => matricesOf(values, height, width)
  let [seeing, drawn] = [first("encoder"), first("generator")]
  let canvas = Array.from(numbers["generator.initialCanvas"] ?? [])
  let divergence = 0
  const canvases = [canvas]
  const readings: Array<ReadonlyArray<number>> = []
  const writings: Array<ReadonlyArray<number>> = []
  for (const epsilon of epsilons) {
    const error = x.map((value, i) => value - plainSigmoid(canvas[i] ?? Number.NaN))
    let seen: ReadonlyArray<number> = [...x, ...error]
    if (attention) {
      const window = windowOf("encoder.reader.window", drawn.hidden, readFilters)
      seen = planes(seen).flatMap((plane) => plainRead(plane, window, readFilters).flat())
      readings.push(tableOf(window))
    }
    seeing = plainLstm(numbers, "encoder.rnn", [...seen, ...drawn.hidden], seeing)
    const means = plainLinear(numbers, "encoder.mean", seeing.hidden)
    const deviations = plainLinear(numbers, "encoder.logVariance", seeing.hidden).map((log) => Math.exp(log / 2))
    const z = means.map((mean, j) => mean + (deviations[j] ?? Number.NaN) * (epsilon[j] ?? Number.NaN))
    means.forEach((mean, j) => {
      const sigma = deviations[j] ?? Number.NaN
      divergence += (mean ** 2 + sigma ** 2 - 1) / 2 - Math.log(sigma)
    })
    drawn = plainLstm(numbers, "generator.rnn", z, drawn)
    let added = attention ? [] : plainLinear(numbers, "generator.writer.picture", drawn.hidden)
    if (attention) {
      const window = windowOf("generator.writer.window", drawn.hidden, writeFilters)
      const patch = plainLinear(numbers, "generator.writer.patch", drawn.hidden)
      added = matricesOf(patch, writeFilters, writeFilters).flatMap((w) => plainWrite(w, window, height, width).flat())
      writings.push(tableOf(window))
    }
    canvas = canvas.map((value, i) => value + (added[i] ?? Number.NaN))
    canvases.push(canvas)
  }
  const logLikelihood = x.reduce((total, value, i) => {
    const p = plainSigmoid(canvas[i] ?? Number.NaN)
    return total + value * Math.log(p) + (1 - value) * Math.log(1 - p)
  }, 0)
  if (canvas.length !== channels * height * width) throw new RangeError("the canvas is of another format")
  return { logLikelihood, divergence, canvases, readings, writings }
}

const tableOf = ({ centreX, centreY, stride, variance, intensity }: PlainWindow): ReadonlyArray<number> => [
  centreX,
  centreY,
  stride,
  Math.sqrt(variance),
  intensity
]
