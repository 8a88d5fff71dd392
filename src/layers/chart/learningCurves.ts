import { own } from "../../domain/record/own.ts"
import { type ChartLine, type LinePanel, lineChart, type Point } from "./lineChart.ts"

/** The metrics recorded after one update; `Progress` events are such records. */
export interface RecordedMetrics {
  readonly update: number
  /** Passes over the training data, fractional. */
  readonly epoch: number
  readonly metrics: Readonly<Record<string, number>>
}

/** One chart: curves that share a vertical axis. */
export interface CurvePanel {
  readonly title: string
  /** What the vertical axis measures, with its unit: `loss (nats)`. */
  readonly axis: string
  /** The metrics to draw, by name, each with the label the legend gives it, and the number of its colour (its place, if not given). */
  readonly curves: ReadonlyArray<{ readonly metric: string; readonly label: string; readonly colour?: number }>
  /** Ends of the vertical axis; if not given it follows the data. */
  readonly range?: readonly [lowest: number, highest: number]
  /** A logarithmic vertical axis. */
  readonly logarithmic?: boolean
}

/** The panels of every training: what each objective's metrics say. */
const allPanels: ReadonlyArray<CurvePanel> = [
  {
    title: "Losses",
    axis: "loss (nats)",
    curves: [
      { metric: "discriminatorLoss", label: "discriminator" },
      { metric: "generatorLoss", label: "generator" }
    ]
  },
  {
    title: "Discriminator's accuracy",
    axis: "share judged rightly",
    curves: [
      { metric: "realAccuracy", label: "real images" },
      { metric: "generatedAccuracy", label: "generated images" }
    ],
    range: [0, 1]
  },
  {
    title: "Variational bound",
    axis: "nats an image",
    curves: [
      { metric: "bound", label: "bound" },
      { metric: "logLikelihood", label: "log p(x | z)" }
    ]
  },
  {
    title: "Divergence of the posterior from the prior",
    axis: "nats an image",
    curves: [{ metric: "divergence", label: "KL divergence" }]
  },
  {
    title: "Norm of the gradients, before clipping",
    axis: "Euclidean norm",
    curves: [
      { metric: "discriminatorGradientNorm", label: "of the discriminator" },
      { metric: "generatorGradientNorm", label: "of the generator", colour: 1 },
      { metric: "gradientNorm", label: "of generator and encoder" }
    ],
    logarithmic: true
  }
]

/** The usual panels of a run, by what its records measure; those of an adversarial training while there are none. */
export const trainingPanels = (records: ReadonlyArray<RecordedMetrics>): ReadonlyArray<CurvePanel> => {
  const measured = new Set(records.flatMap(({ metrics }) => Object.keys(metrics)))
  const panels = allPanels.flatMap((panel) => {
    const curves = panel.curves.filter(({ metric }) => measured.has(metric))
    return curves.length === 0 ? [] : { ...panel, curves }
  })
  return panels.length > 0 ? panels : allPanels.slice(0, 2)
}

/** Sizes in pixels, and the prefix of names. */
export interface CurvesSize {
  /** Of the whole drawing; 960 if not given. */
  readonly width?: number
  /** Of each panel; 320 if not given. */
  readonly panelHeight?: number
  /** What the names within the document begin with, where a page holds several; `curves` if not given. */
  readonly prefix?: string
}

/** With more points than this a curve is drawn as a running mean, the points themselves faintly behind it. */
const smoothedFrom = 400

/**
 * Curves of recorded metrics over the epochs, as an SVG document: a panel under the other, on white.
 *
 * Long curves are smoothed by a centred running mean, about a hundredth of the curve wide; the legend says so and how
 * many records it spans. Values that are not finite leave a gap. If an update occurs twice the later record counts.
 * The same records give the same document. Throws a `RangeError` for no panels.
 */
export const learningCurves = (
  records: ReadonlyArray<RecordedMetrics>,
  panels: ReadonlyArray<CurvePanel>,
  size: CurvesSize = {}
): string => {
  if (panels.length === 0) throw new RangeError("learning curves need at least one panel")
  const { width = 960, panelHeight = 320, prefix = "curves" } = size
  const ordered = [...new Map(records.map((record) => [record.update, record])).values()]
    .filter(({ epoch }) => Number.isFinite(epoch))
    .sort((left, right) => left.update - right.update)
  const lastEpoch = Math.max(0, ...ordered.slice(-1).map(({ epoch }) => epoch)) || 1
  return lineChart(
    panels.map((panel) => linesOf(ordered, panel)),
    { width, panelHeight, lastEpoch, prefix }
  )
}

/** The lines of one panel: each curve once, or, if it is long, smoothed and faintly as it is. */
const linesOf = (records: ReadonlyArray<RecordedMetrics>, panel: CurvePanel): LinePanel => ({
  title: panel.title,
  axis: panel.axis,
  ...(panel.range !== undefined && { range: panel.range }),
  ...(panel.logarithmic !== undefined && { logarithmic: panel.logarithmic }),
  lines: panel.curves.flatMap(({ metric, label, colour: chosen }, place): ReadonlyArray<ChartLine> => {
    const colour = chosen ?? place
    const points = records.flatMap(({ epoch, metrics }): ReadonlyArray<Point> => {
      const value = own(metrics, metric)
      return value === undefined ? [] : [[epoch, value]]
    })
    if (points.length <= smoothedFrom) return [{ label, points, colour }]
    const span = 2 * Math.round(points.length / 200) + 1
    return [
      { label, points, colour, faint: true },
      { label: `${label} (mean of ${span} records)`, points: runningMean(points, span), colour }
    ]
  })
})

/**
 * The mean of `span` neighbouring values about each point, of those that are finite; at the ends, of those there are.
 * Where the point itself is not finite the mean is not either, so that the gap stays.
 */
export const runningMean = (points: ReadonlyArray<Point>, span: number): ReadonlyArray<Point> => {
  const reach = Math.floor(span / 2)
  return points.map(([epoch, value], at): Point => {
    if (!Number.isFinite(value)) return [epoch, Number.NaN]
    let sum = 0
    let count = 0
    for (let i = Math.max(0, at - reach); i <= Math.min(points.length - 1, at + reach); i++) {
      const neighbour = points[i]?.[1] ?? Number.NaN
      if (!Number.isFinite(neighbour)) continue
      sum += neighbour
      count++
    }
    return [epoch, sum / count]
  })
}
