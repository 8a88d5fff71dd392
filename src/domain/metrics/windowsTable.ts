import { alignedTable } from "../text/alignedTable.ts"
import { formatNumber, formatWithError } from "../text/numbers.ts"
import { terminalTable } from "../text/terminalText.ts"
import type { AgainstChance, AttentionOnForeground } from "./attentionOnForeground.ts"

/** What was measured of a generator's windows. */
export interface MeasuredWindows {
  /** Of the checkpoint. */
  readonly update: number
  /** Of the latents. */
  readonly seed: number
  /** Of the windows of all steps together. */
  readonly all: AttentionOnForeground
  /** Of those of each step t = 1..T. */
  readonly steps: ReadonlyArray<AttentionOnForeground>
}

const measures: ReadonlyArray<readonly [name: string, read: (measured: AttentionOnForeground) => AgainstChance]> = [
  ["centre in the drawing's box", ({ centreInDrawing }) => centreInDrawing],
  ["centre in a part's box", ({ centreInPart }) => centreInPart],
  ["parts visited by a centre", ({ partsVisited }) => partsVisited],
  ["parts in view of a window", ({ partsInView }) => partsInView],
  ["brightness under the window", ({ brightness }) => brightness]
]

/** What was measured as text for a terminal: a row for each measure, with its chance; a column for each step. */
export const windowsTable = (source: string, { all, steps }: MeasuredWindows): string => {
  const head = ["", "windows", "chance", ...steps.map((_, t) => `t = ${t + 1}`)]
  const rows = measures.map(([name, read]) => {
    const { value, standardError, chance } = read(all)
    const ofSteps = steps.map((step) => formatNumber(read(step).value))
    return [name, formatWithError(value, standardError), formatNumber(chance), ...ofSteps]
  })
  const excess = measures.map(([name, read]) => [
    `  ${name}`,
    "",
    "",
    ...steps.map((step) => formatNumber(read(step).value - read(step).chance))
  ])
  return terminalTable([
    source,
    `${formatNumber(all.parts)} parts an image`,
    "",
    ...alignedTable([head, ...rows, [], ["Above chance, by step"], ...excess], { first: 1, last: 2 + steps.length }),
    "",
    "Chance: every image with the windows of every other one. Shares, but for the brightness, which is in [0, 1]."
  ])
}
