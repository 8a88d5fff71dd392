import { CustomChart, type CustomSeriesOption } from "echarts/charts"
import { GridComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { CallTree } from "../../domain/explain/callTree.ts"
import { palette } from "../../domain/page/charts.ts"
import { font, ink, paper, renumbered } from "./svg.ts"

/** How a flame graph is laid out, sizes in pixels. */
export interface FlameLayout {
  readonly width: number
  /** A weight as it is in a box: `1.06 GFLOP`. */
  readonly format: (weight: number) => string
  /** As in `ChartLayout`. */
  readonly prefix: string
}

const rowHeight = 24
const fontSize = 11
const letterWidth = 0.6 * fontSize
/** Narrower boxes are not drawn. */
const narrowest = 1

interface Box {
  readonly text: string
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly colour: string
}

/**
 * A tree of calls as an SVG document: the whole on top, below each box what it called, as wide as its weight. Boxes of one part (the
 * root's children) have one colour, paler the deeper they are; boxes of less than a pixel are left out. The same tree gives the same document.
 */
export const flameGraph = (tree: CallTree, { width, format, prefix }: FlameLayout): string => {
  const boxes: Array<Box> = []
  const place = (node: CallTree, from: number, depth: number, colour: string): void => {
    const to = from + node.weight
    const pixels = (node.weight / tree.weight) * width
    if (!(pixels >= narrowest)) return
    const label = `${node.name}  ${format(node.weight)}`
    boxes.push({ text: fitted(label, node.name, pixels), from, to, depth, colour })
    let start = from
    node.children.forEach((child, i) => {
      place(child, start, depth + 1, depth === 0 ? (palette[i % palette.length] ?? ink) : colour)
      start += child.weight
    })
  }
  place(tree, 0, 0, "#8A877F")
  const rows = Math.max(1, ...boxes.map(({ depth }) => depth + 1))
  const height = rows * rowHeight

  echarts.use([CustomChart, GridComponent, SVGRenderer])
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height })
  try {
    const series: CustomSeriesOption = {
      type: "custom",
      silent: true,
      coordinateSystem: "cartesian2d",
      data: boxes.map(({ from, to, depth }) => [from, to, depth]),
      renderItem: ({ dataIndex }, api) => {
        const box = boxes[dataIndex]
        if (box === undefined) return
        const [left = 0] = api.coord([box.from, 0])
        const [right = 0] = api.coord([box.to, 0])
        const shape = { x: left, y: box.depth * rowHeight, width: Math.max(0.5, right - left), height: rowHeight }
        return {
          type: "group",
          children: [
            {
              type: "rect",
              shape,
              style: { fill: box.colour, opacity: opacityAt(box.depth), stroke: paper, lineWidth: 1 }
            },
            {
              type: "text",
              style: {
                text: box.text,
                x: left + 5,
                y: box.depth * rowHeight + rowHeight / 2,
                fontSize,
                fontFamily: font,
                fill: ink,
                verticalAlign: "middle"
              }
            }
          ]
        }
      }
    }
    chart.setOption({
      animation: false,
      backgroundColor: paper,
      grid: { left: 0, right: 0, top: 0, bottom: 0 },
      xAxis: { type: "value", min: 0, max: tree.weight, show: false },
      yAxis: { type: "value", min: 0, max: rows, show: false },
      series: [series]
    })
    return renumbered(chart.renderToSVGString(), prefix)
  } finally {
    chart.dispose()
  }
}

/** Deeper boxes are paler, but never so pale that neighbours cannot be told from the paper. */
const opacityAt = (depth: number): number => Math.max(0.22, 0.62 - 0.05 * depth)

/** As much of a label as a box has room for. */
const fitted = (label: string, name: string, pixels: number): string => {
  const letters = Math.floor((pixels - 8) / letterWidth)
  if (label.length <= letters) return label
  if (name.length <= letters) return name
  return letters < 4 ? "" : `${name.slice(0, letters - 1)}…`
}
