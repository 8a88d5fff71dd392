import { LineChart, type LineSeriesOption } from "echarts/charts"
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { SVGRenderer } from "echarts/renderers"

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
  /** The metrics to draw, by name, each with the label the legend gives it. */
  readonly curves: ReadonlyArray<{ readonly metric: string; readonly label: string }>
  /** Ends of the vertical axis; if not given it follows the data. */
  readonly range?: readonly [lowest: number, highest: number]
}

/** The usual panels of a run: the two losses, and how well D tells real from generated images. */
export const trainingPanels: ReadonlyArray<CurvePanel> = [
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
  }
]

/** Sizes in pixels. */
export interface CurvesSize {
  /** Of the whole drawing; 960 if not given. */
  readonly width?: number
  /** Of each panel; 320 if not given. */
  readonly panelHeight?: number
}

/** Okabe and Ito's colours, told apart with any colour vision; the palest are left out, for white paper. */
const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
const paper = "#FFFFFF"
const ink = "#333333"
const lines = "#DDDDDD"
const font = "Helvetica, Arial, DejaVu Sans, sans-serif"

/**
 * Outside a browser the library only guesses how wide a text is, and guesses too little for the fonts of most Linux
 * machines: legend entries get this many pixels a letter instead (of a box in the paper's colour, which it does measure).
 */
const legendSize = 12
const legendGap = 12
const letterWidth = 0.56 * legendSize

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
  const { width = 960, panelHeight = 320 } = size
  const ordered = [...new Map(records.map((record) => [record.update, record])).values()]
    .filter(({ epoch }) => Number.isFinite(epoch))
    .sort((left, right) => left.update - right.update)
  const lastEpoch = Math.max(0, ...ordered.slice(-1).map(({ epoch }) => epoch)) || 1
  const drawn = panels.map((panel, index) => drawPanel(ordered, panel, index))

  const legendWidth = Math.max(160, width - 264)
  // A legend of several rows pushes its panel down.
  const tops = drawn.map(({ names }) => 28 + 20 * legendRows(names, legendWidth))

  echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height: panelHeight * panels.length })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: paper,
      textStyle: { fontFamily: font, color: ink },
      title: panels.map((panel, index) => ({
        text: panel.title,
        left: 16,
        top: index * panelHeight + 14,
        textStyle: { fontSize: 15, fontWeight: "bold", color: ink }
      })),
      legend: drawn.map(({ names }, index) => ({
        data: names.map((name) => ({
          name,
          icon: "roundRect",
          textStyle: { width: name.length * letterWidth, backgroundColor: paper }
        })),
        right: 24,
        width: legendWidth,
        top: index * panelHeight + 14,
        selectedMode: false,
        itemWidth: 18,
        itemHeight: 4,
        itemGap: legendGap,
        textStyle: { fontSize: legendSize, color: ink }
      })),
      grid: panels.map((_, index) => ({
        left: 76,
        right: 28,
        top: index * panelHeight + (tops[index] ?? 0),
        height: panelHeight - (tops[index] ?? 0) - 56
      })),
      xAxis: panels.map((_, gridIndex) => ({
        gridIndex,
        type: "value",
        name: "epoch",
        nameLocation: "middle",
        nameGap: 30,
        min: 0,
        max: lastEpoch,
        ...axisStyle,
        axisLabel: { ...axisStyle.axisLabel, showMaxLabel: Number.isInteger(lastEpoch) }
      })),
      yAxis: panels.map((panel, gridIndex) => ({
        gridIndex,
        type: "value",
        name: panel.axis,
        nameLocation: "middle",
        nameGap: 50,
        scale: true,
        ...(panel.range === undefined ? {} : { min: panel.range[0], max: panel.range[1] }),
        ...axisStyle
      })),
      series: drawn.flatMap(({ series }) => series)
    })
    return renumbered(chart.renderToSVGString())
  } finally {
    chart.dispose()
  }
}

const axisStyle = {
  nameTextStyle: { fontSize: 12, color: ink },
  axisLabel: { fontSize: 11, color: ink, hideOverlap: true },
  axisLine: { show: true, onZero: false, lineStyle: { color: ink } },
  axisTick: { show: true, lineStyle: { color: ink } },
  splitLine: { show: true, lineStyle: { color: lines } }
} as const

/**
 * The library numbers its charts and their style classes through the whole process. A document must not depend on how
 * many came before it, so its names are numbered anew in the order in which they occur.
 */
const renumbered = (svg: string): string => {
  const names = new Map<string, string>()
  return svg.replaceAll(/\bzr\d+-\w+(-\d+)?/g, (name) => {
    const known = names.get(name) ?? `curves-${names.size}`
    names.set(name, known)
    return known
  })
}

/** Rows that a legend's entries take when each goes on the first row that has room after the one before it. */
const legendRows = (names: ReadonlyArray<string>, width: number): number => {
  let rows = 1
  let used = 0
  for (const name of names) {
    const entry = 18 + 5 + name.length * letterWidth + legendGap
    if (used > 0 && used + entry > width) {
      rows++
      used = 0
    }
    used += entry
  }
  return rows
}

type Point = readonly [epoch: number, value: number]

/** The series of one panel, and the names of those that stand in its legend. */
const drawPanel = (
  records: ReadonlyArray<RecordedMetrics>,
  panel: CurvePanel,
  index: number
): { readonly names: ReadonlyArray<string>; readonly series: ReadonlyArray<LineSeriesOption> } => {
  const names: Array<string> = []
  const series: Array<LineSeriesOption> = []
  panel.curves.forEach(({ metric, label }, order) => {
    const color = colours[order % colours.length] ?? ink
    const points = records.flatMap(({ epoch, metrics }): ReadonlyArray<Point> => {
      const value = metrics[metric]
      return value === undefined ? [] : [[epoch, value]]
    })
    const span = points.length > smoothedFrom ? 2 * Math.round(points.length / 200) + 1 : 1
    const name = span === 1 ? label : `${label} (mean of ${span} records)`
    const shared = {
      type: "line",
      xAxisIndex: index,
      yAxisIndex: index,
      showSymbol: points.length === 1,
      color,
      silent: true
    } as const
    if (span > 1) {
      const faint = { color, width: 1, opacity: 0.22 }
      // `minmax` thins the points to the drawing's resolution, but keeps every peak.
      series.push({
        ...shared,
        name: `${name}, each`,
        data: gapped(points),
        lineStyle: faint,
        sampling: "minmax",
        z: 2
      })
    }
    names.push(name)
    series.push({ ...shared, name, data: gapped(runningMean(points, span)), lineStyle: { color, width: 2 }, z: 3 })
  })
  return { names, series }
}

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

/** Points as the charting library takes them, where `-` interrupts a line. */
const gapped = (points: ReadonlyArray<Point>): Array<[number, number | "-"]> =>
  points.map(([epoch, value]) => [epoch, Number.isFinite(value) ? value : "-"])
