import { LineChart, type LineSeriesOption } from "echarts/charts"
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { palette } from "../../domain/page/charts.ts"
import { font, ink, paper, renumbered } from "./svg.ts"

/** A point of a line; a value that is not finite leaves a gap. */
export type Point = readonly [epoch: number, value: number]

/** One line of a panel. */
export interface ChartLine {
  /** In the legend. Lines of one label are one entry there, and have one colour. */
  readonly label: string
  /** By ascending epoch. */
  readonly points: ReadonlyArray<Point>
  /** A line among the panel's colours; if not given, the place of its label among those of the panel. */
  readonly colour?: number
  /** Drawn thin and pale, behind the others, and left out of the legend. */
  readonly faint?: boolean
  /** Whether each point is marked, with a sign that goes with the colour; if not given, only a point without others. */
  readonly marked?: boolean
}

/** One panel: lines over epochs that share a vertical axis. */
export interface LinePanel {
  /** Above the panel; none if not given. */
  readonly title?: string
  /** What the vertical axis measures, with its unit: `loss (nats)`. */
  readonly axis: string
  readonly lines: ReadonlyArray<ChartLine>
  /** Values to compare the lines with, drawn dashed from side to side. */
  readonly levels?: ReadonlyArray<{ readonly label: string; readonly value: number }>
  /** Ends of the vertical axis; if not given it follows the data. */
  readonly range?: readonly [lowest: number, highest: number]
  /** A logarithmic vertical axis; values that are not positive leave a gap on it. */
  readonly logarithmic?: boolean
}

/** How a chart is laid out, sizes in pixels. */
export interface ChartLayout {
  /** Of the whole drawing. */
  readonly width: number
  /** Of each panel. */
  readonly panelHeight: number
  /** Where the horizontal axis ends. */
  readonly lastEpoch: number
  /** What the horizontal axis counts, if not epochs. */
  readonly across?: string
  /** What the names within the document begin with: a page may hold several, if they differ in it. Letters, digits, `-`. */
  readonly prefix: string
}

const lines = "#DDDDDD"
/** The marks that go with the colours, and how the legend shows a line with them (18 x 8 pixels). */
const marks = [
  { symbol: "circle", icon: "path://M0,3h5v2h-5zM13,3h5v2h-5zM5,4a4,4 0 1,1 8,0a4,4 0 1,1 -8,0z" },
  { symbol: "rect", icon: "path://M0,3h18v2h-18zM5.5,0.5h7v7h-7z" },
  { symbol: "triangle", icon: "path://M0,3h18v2h-18zM9,0l4.5,8h-9z" },
  { symbol: "diamond", icon: "path://M0,3h18v2h-18zM9,0l4,4l-4,4l-4,-4z" }
] as const
const plain = "roundRect"
const dashes = "path://M0,3h4v2h-4zM7,3h4v2h-4zM14,3h4v2h-4z"

/**
 * Outside a browser the library only guesses how wide a text is, and guesses too little for the fonts of most Linux
 * machines: legend entries get this many pixels a letter instead (of a box in the paper's colour, which it does measure).
 */
const legendSize = 12
const legendGap = 12
const letterWidth = 0.56 * legendSize

/**
 * Lines over epochs as an SVG document: a panel under the other, on white. The same panels give the same document.
 * Throws a `RangeError` for no panels.
 */
export const lineChart = (
  panels: ReadonlyArray<LinePanel>,
  { width, panelHeight, lastEpoch, across = "epoch", prefix }: ChartLayout
): string => {
  if (panels.length === 0) throw new RangeError("a chart needs at least one panel")
  const drawn = panels.map((panel, index) => drawPanel(panel, index, lastEpoch))
  const legendWidths = panels.map(({ title }) => Math.max(160, width - (title === undefined ? 40 : 264)))
  // A legend of several rows pushes its panel down.
  const tops = drawn.map(
    ({ entries }, index) =>
      28 +
      20 *
        legendRows(
          entries.map(({ name }) => name),
          legendWidths[index] ?? width
        )
  )

  echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height: panelHeight * panels.length })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: paper,
      textStyle: { fontFamily: font, color: ink },
      title: panels.map((panel, index) => ({
        text: panel.title ?? "",
        left: 16,
        top: index * panelHeight + 14,
        textStyle: { fontSize: 15, fontWeight: "bold", color: ink }
      })),
      legend: drawn.map(({ entries }, index) => ({
        data: entries.map(({ name, icon }) => ({
          name,
          icon,
          textStyle: { width: name.length * letterWidth, backgroundColor: paper }
        })),
        right: 24,
        width: legendWidths[index] ?? width,
        top: index * panelHeight + 14,
        selectedMode: false,
        itemWidth: 18,
        itemHeight: entries.some(({ icon }) => icon !== plain) ? 8 : 4,
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
        name: across,
        nameLocation: "middle",
        nameGap: 30,
        min: 0,
        max: lastEpoch,
        ...axisStyle,
        axisLabel: { ...axisStyle.axisLabel, showMaxLabel: Number.isInteger(lastEpoch) }
      })),
      yAxis: panels.map((panel, gridIndex) => ({
        gridIndex,
        type: panel.logarithmic === true ? ("log" as const) : ("value" as const),
        name: panel.axis,
        nameLocation: "middle",
        nameGap: 50,
        scale: true,
        ...(panel.range === undefined ? {} : { min: panel.range[0], max: panel.range[1] }),
        ...axisStyle
      })),
      series: drawn.flatMap(({ series }) => series)
    })
    return renumbered(chart.renderToSVGString(), prefix)
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

/** The series of one panel, and its legend. */
const drawPanel = (
  panel: LinePanel,
  index: number,
  lastEpoch: number
): {
  readonly entries: ReadonlyArray<{ readonly name: string; readonly icon: string }>
  readonly series: ReadonlyArray<LineSeriesOption>
} => {
  const labels = [...new Set(panel.lines.map(({ label }) => label))]
  const entries = new Map<string, string>()
  const shared = { type: "line", xAxisIndex: index, yAxisIndex: index, silent: true } as const
  const series = panel.lines.map(({ label, points, faint = false, marked, colour }): LineSeriesOption => {
    const order = colour ?? labels.indexOf(label)
    const color = palette[order % palette.length] ?? ink
    const { symbol, icon } = marks[order % marks.length] ?? marks[0]
    if (faint) {
      // `minmax` thins the points to the drawing's resolution, but keeps every peak.
      const lineStyle = { color, width: 1, opacity: 0.22 }
      const name = `${label}, each`
      return { ...shared, showSymbol: false, color, name, data: gapped(points), lineStyle, sampling: "minmax", z: 2 }
    }
    entries.set(label, marked === true ? icon : plain)
    return {
      ...shared,
      showSymbol: marked ?? points.length === 1,
      ...(marked === true ? { symbol, symbolSize: 7, itemStyle: { color } } : {}),
      color,
      name: label,
      data: gapped(points),
      lineStyle: { color, width: 2 },
      z: 3
    }
  })
  const levels = (panel.levels ?? []).map(({ label, value }): LineSeriesOption => {
    entries.set(label, dashes)
    const lineStyle = { color: ink, width: 1.5, type: [5, 4] }
    const ends: ReadonlyArray<Point> = [
      [0, value],
      [lastEpoch, value]
    ]
    return { ...shared, showSymbol: false, color: ink, name: label, data: gapped(ends), lineStyle, z: 1 }
  })
  return { entries: [...entries].map(([name, icon]) => ({ name, icon })), series: [...series, ...levels] }
}

/** Points as the charting library takes them, where `-` interrupts a line. A logarithmic axis leaves its own gaps. */
const gapped = (points: ReadonlyArray<Point>): Array<[number, number | "-"]> =>
  points.map(([epoch, value]) => [epoch, Number.isFinite(value) ? value : "-"])
