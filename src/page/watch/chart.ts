import { CustomChart } from "echarts/charts"
import { DataZoomInsideComponent, GridComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { CanvasRenderer } from "echarts/renderers"
import { own } from "../../domain/record/own.ts"
import { element } from "../elements.ts"
import { type DrawnLine, type LinePoint, linesSeries } from "./lines.ts"
import type { CurveOptions } from "./state.ts"
import { numberText } from "./words.ts"

echarts.use([CustomChart, GridComponent, DataZoomInsideComponent, CanvasRenderer])

/** A chart of one metric. */
export interface MetricChart {
  readonly root: HTMLElement
  readonly draw: (lines: ReadonlyArray<DrawnLine>, options: CurveOptions, across: string) => void
  readonly zoom: (range: readonly [number, number]) => void
  readonly dispose: () => void
}

/** What a chart tells: where its pointer is, in words, and that it was zoomed by a pointer. */
export interface ChartEvents {
  readonly read: (text: string) => void
  readonly zoomed: (range: readonly [number, number]) => void
}

/** Lines that are named where the pointer is. */
const mostNamed = 8

/** Of a width, that a press of an arrow key moves the pointer. */
const keyStep = 1 / 50

export const metricChart = (metric: string, { read, zoomed }: ChartEvents): MetricChart => {
  const plot = element("div", { class: "plot", role: "img", tabindex: 0, "aria-label": metric })
  const cursor = element("div", { class: "cursor", hidden: true })
  const root = element("figure", {}, element("figcaption", {}, element("strong", {}, metric)), plot)
  let chart: echarts.ECharts | undefined
  let lines: ReadonlyArray<DrawnLine> = []
  let shownAcross = ""

  const started = (): echarts.ECharts => {
    if (chart !== undefined) return chart
    chart = echarts.init(plot, null, { renderer: "canvas" })
    plot.append(cursor)
    chart.on("datazoom", () => zoomed(rangeOf(chart)))
    new ResizeObserver(() => chart?.resize()).observe(plot)
    return chart
  }

  const readAt = (pixel: number): void => {
    const value = chart?.convertFromPixel({ xAxisIndex: 0 }, pixel)
    if (typeof value !== "number" || !Number.isFinite(value)) return
    cursor.hidden = false
    cursor.style.left = `${pixel}px`
    const told = lines.slice(0, mostNamed).flatMap(({ name, points }) => {
      const point = nearest(points, value)
      return point === undefined ? [] : [`${name} ${numberText(point[1])}`]
    })
    const rest = lines.length > mostNamed ? `, and ${lines.length - mostNamed} more` : ""
    read(`${metric} at ${shownAcross} ${numberText(value)}: ${told.join(", ")}${rest}`)
  }
  let at = 0.5
  plot.addEventListener("pointermove", (event) => readAt(event.offsetX))
  plot.addEventListener("pointerleave", () => {
    cursor.hidden = true
    read("")
  })
  plot.addEventListener("keydown", (event) => {
    const moves: Readonly<Record<string, number>> = { ArrowLeft: -keyStep, ArrowRight: keyStep }
    const by = own(moves, event.key)
    if (by === undefined) return
    event.preventDefault()
    at = Math.min(Math.max(at + by, 0), 1)
    const [left, right] = [edges.left, plot.clientWidth - edges.right]
    readAt(left + at * (right - left))
  })

  return {
    root,
    draw: (drawn, options, across) => {
      lines = drawn
      shownAcross = across
      const style = getComputedStyle(plot)
      const [soft, grid] = [style.getPropertyValue("--soft"), style.getPropertyValue("--line")]
      const axis = axisStyle(soft, grid)
      const told = drawn.slice(0, mostNamed).map(({ name, points }) => `${name} ${numberText(points.at(-1)?.[1])}`)
      plot.setAttribute(
        "aria-label",
        `${metric} of ${drawn.length} runs, at last: ${told.join(", ")}. Arrow keys read values.`
      )
      started().setOption(
        {
          animation: false,
          grid: { ...edges, top: 12, bottom: 34 },
          xAxis: {
            type: options.logX ? "log" : "value",
            name: across,
            ...axis,
            nameLocation: "middle",
            nameGap: 22,
            // The last number would stand on the last but one.
            axisLabel: { ...axis.axisLabel, showMaxLabel: false },
            min: "dataMin",
            max: "dataMax"
          },
          yAxis: { type: options.logY ? "log" : "value", scale: true, ...axis },
          dataZoom: [
            {
              type: "inside",
              start: options.zoom[0],
              end: options.zoom[1],
              filterMode: "none",
              zoomOnMouseWheel: "ctrl",
              moveOnMouseMove: "shift",
              preventDefaultMouseMove: false
            }
          ],
          series: [linesSeries(drawn)]
        },
        { notMerge: true, lazyUpdate: false }
      )
    },
    zoom: ([start, end]) => {
      const [from, to] = rangeOf(chart)
      if (from !== start || to !== end) chart?.dispatchAction({ type: "dataZoom", start, end })
    },
    dispose: () => chart?.dispose()
  }
}

/** As in words, but for thousands, which an axis sets apart; numbers of a logarithmic axis may be very small. */
const tickText = (value: number): string =>
  Math.abs(value) < 1e6 && Math.abs(value) >= 1000 ? value.toLocaleString("en") : numberText(value)

const edges = { left: 58, right: 14 }

const axisStyle = (soft: string, grid: string) => ({
  nameTextStyle: { color: soft, fontSize: 11 },
  axisLabel: { color: soft, fontSize: 11, hideOverlap: true, formatter: tickText },
  axisLine: { show: true, onZero: false, lineStyle: { color: soft } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: grid } }
})

const rangeOf = (chart: echarts.ECharts | undefined): readonly [number, number] => {
  const option = chart?.getOption()
  const zoom: unknown = Array.isArray(option?.["dataZoom"]) ? option["dataZoom"][0] : undefined
  if (typeof zoom !== "object" || zoom === null || !("start" in zoom) || !("end" in zoom)) return [0, 100]
  return [Number(zoom.start), Number(zoom.end)]
}

/** The point nearest to a place, by bisection. */
const nearest = (points: ReadonlyArray<LinePoint>, place: number): LinePoint | undefined => {
  let [low, high] = [0, points.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? 0) <= place) low = middle
    else high = middle
  }
  const [left, right] = [points[low], points[high]]
  if (left === undefined || right === undefined) return left ?? right
  return Math.abs(left[0] - place) <= Math.abs(right[0] - place) ? left : right
}
