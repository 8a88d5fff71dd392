import { ParallelChart } from "echarts/charts"
import { ParallelComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { own } from "../../domain/record/own.ts"
import { axisPathsOf, ranked } from "../../domain/sweep/aggregate.ts"
import { shortPath, valueText } from "../../domain/sweep/page/valueText.ts"
import type { BestBy } from "../../domain/sweep/SweepPlan.ts"
import type { PointRow } from "../../domain/sweep/SweepResults.ts"
import { formatNumber } from "../../domain/text/numbers.ts"
import { font, ink, paper, renumbered } from "./svg.ts"

/** From the best to the worst, in steps that any colour vision tells apart (viridis). */
const colours = ["#440154", "#3b528b", "#21918c", "#5ec962", "#d4c81e"]
const lost = "#b9b4ab"

/** Values spread over more than this factor lie on a logarithmic axis. */
const logFrom = 30

/** Pixels of a chart's height, beside its axes, and between two of them. */
const [height, margin, apart] = [340, 96, 150]

/** An axis, and the value of a point on it: none, where it was not trained so far or has no such setting. */
interface Axis {
  readonly title: string
  readonly isMeasure: boolean
  readonly valueAt: (row: PointRow) => unknown
}

/**
 * Points as lines through one axis for each setting that differs and, at the right, the measure that they are ranked by: an SVG document. The best
 * are dark and lie on top; those that were not trained to their end are dashed grey and end before the last axis.
 */
export const parallelCoordinates = (rows: ReadonlyArray<PointRow>, best: BestBy): string => {
  const axes: ReadonlyArray<Axis> = [
    ...axisPathsOf(rows).map((path) => ({
      title: shortPath(path),
      isMeasure: false,
      valueAt: (row: PointRow) => own(row.values, path)
    })),
    {
      title: best.measure,
      isMeasure: true,
      valueAt: (row) => (row.standing === "trained" ? own(row.measures, best.measure) : undefined)
    }
  ]
  const order = ranked(rows, best)
  const trained = order.filter(({ standing }) => standing === "trained").length
  const opacity = rows.length > 200 ? 0.25 : rows.length > 40 ? 0.5 : 0.85
  const lineStyle = ({ standing }: PointRow, rank: number) => {
    if (standing !== "trained") return { color: lost, opacity, width: 1, type: [4, 3] }
    const color = colours[Math.min(colours.length - 1, Math.floor((rank / Math.max(1, trained)) * colours.length))]
    return { color: color ?? lost, opacity: rank < 3 ? 1 : opacity, width: rank < 3 ? 2.5 : 1.2 }
  }
  const valuesOn = (row: PointRow) =>
    axes.map(({ valueAt }) => {
      const value = valueAt(row)
      return value === undefined ? "-" : typeof value === "number" ? value : JSON.stringify(value)
    })

  echarts.use([ParallelChart, ParallelComponent, SVGRenderer])
  const width = 2 * margin + apart * (axes.length - 1)
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: paper,
      textStyle: { fontFamily: font, color: ink },
      parallel: { left: margin, right: margin, top: 48, bottom: 24 },
      parallelAxis: axes.map((axis, dim) => {
        const { axisLabel, ...style } = axisStyle(axis, dim)
        const { label, ...of } = axisOf(axis, rows)
        return { dim, ...of, ...style, axisLabel: { ...axisLabel, ...label } }
      }),
      series: {
        type: "parallel",
        silent: true,
        data: order.map((row, rank) => ({ value: valuesOn(row), lineStyle: lineStyle(row, rank) })).toReversed()
      }
    })
    return renumbered(chart.renderToSVGString(), "parallel")
  } finally {
    chart.dispose()
  }
}

/** Titles are on two heights in turn: long ones would run into each other. */
const axisStyle = ({ isMeasure }: Axis, dim: number) => ({
  nameGap: dim % 2 === 0 ? 26 : 10,
  nameTruncate: { maxWidth: 2 * margin },
  nameTextStyle: { color: ink, fontSize: 11, fontWeight: isMeasure ? 700 : 600 },
  axisLine: { lineStyle: { color: ink } },
  axisTick: { lineStyle: { color: ink } },
  axisLabel: { color: ink, fontSize: 11, textBorderColor: paper, textBorderWidth: 3 }
})

/** An axis of numbers, linear or logarithmic, or else of a place for each value that occurs. */
const axisOf = ({ title, valueAt }: Axis, rows: ReadonlyArray<PointRow>) => {
  const values = rows.flatMap((row) => valueAt(row) ?? [])
  const numbers = values.filter((value) => typeof value === "number")
  if (numbers.length === 0 || numbers.length < values.length) {
    const data = [...new Set(values.map((value) => JSON.stringify(value)))]
    const formatter = (text: string): string => valueText(JSON.parse(text)).slice(0, 14)
    return { name: title, type: "category", data, label: { formatter } } as const
  }
  const label = { formatter: formatNumber }
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  const isLog = least > 0 && most / least > logFrom
  return isLog
    ? ({ name: `${title} (log)`, type: "log", min: least, max: most, label } as const)
    : ({ name: title, type: "value", scale: true, label } as const)
}
