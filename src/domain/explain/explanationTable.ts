import { alignedTable } from "../text/alignedTable.ts"
import { formatCount, formatShare } from "../text/numbers.ts"
import type { ExplainedPrimitive, Explanation } from "./explain.ts"
import type { Measured } from "./measured.ts"
import { lineText, sourceCosts, sourceOf } from "./sources.ts"

/** Rows that are shown of a long table. */
const mostRows = 12

/** 10^9 operations, to the million: `1.077`. */
export const gigaflop = (flop: number): string => (flop / 1e9).toFixed(3)

/** Bytes in MiB: `6.28`. */
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)

/** An explanation as lines for a terminal. */
export const explanationTable = (explained: Explanation): ReadonlyArray<string> => {
  const { written, rewritten, memory, kinds, parts, rules } = explained
  const costs = ({
    primitives,
    flop,
    bytes
  }: {
    readonly primitives: number
    readonly flop: number
    readonly bytes: number
  }) => [formatCount(primitives), gigaflop(flop), mebibytes(bytes)]
  const numbers = { first: 1, last: 3 }
  const heads = ["primitives", "GFLOP", "MiB moved"]
  const shown = sourceCosts(explained.program).slice(0, mostRows)
  return [
    `${explained.name}: ${explained.batchSize === undefined ? "one step" : `one step of ${formatCount(explained.batchSize)} examples`}, ${formatCount(explained.stateSize)} numbers of state`,
    "",
    ...alignedTable(
      [
        ["", ...heads],
        ["as written", formatCount(written.primitives), gigaflop(written.flop), ""],
        ["rewritten", ...costs(rewritten)],
        ...parts.map(({ part, ...cost }) => [`  ${part}`, ...costs(cost)])
      ],
      numbers
    ),
    "",
    ...alignedTable(
      [["kind", ...heads], ...kinds.slice(0, mostRows).map(({ primitive, ...cost }) => [primitive, ...costs(cost)])],
      numbers
    ),
    ...leftOut(kinds.length),
    "",
    ...alignedTable(
      [["line", ...heads, "in"], ...shown.map(({ line, name, ...cost }) => [line, ...costs(cost), name ?? ""])],
      numbers
    ),
    ...leftOut(sourceCosts(explained.program).length),
    "",
    ...alignedTable([["rule of rewriting", "fired"], ...rules.map(({ rule, fired }) => [rule, formatCount(fired)])], {
      first: 1,
      last: 1
    }),
    "",
    ...memoryTable(memory)
  ]
}

const leftOut = (rows: number): ReadonlyArray<string> =>
  rows > mostRows ? [`and ${formatCount(rows - mostRows)} more (--json has them all)`] : []

const memoryTable = ({ state, next, inputs, sources, peak, held }: Explanation["memory"]): ReadonlyArray<string> => [
  ...alignedTable(
    [
      ["memory", "MiB"],
      ["state", mebibytes(state)],
      ["next state", mebibytes(next)],
      ["inputs", mebibytes(inputs)],
      ["random numbers, constants", mebibytes(sources)],
      ["results, at most at a time", mebibytes(peak)]
    ],
    { first: 1, last: 1 }
  ),
  ...(held.length === 0 ? [] : ["of which the largest:"]),
  ...alignedTable(
    held
      .slice(0, 5)
      .map(({ text, bytes, calls }) => [`  ${mebibytes(bytes)}`, squeezed(text), lineText(sourceOf(calls))]),
    { first: 0, last: 0 }
  )
]

/** What a backend measured, as lines for a terminal. */
export const measuredTable = ({ backend, how, milliseconds, kinds }: Measured): ReadonlyArray<string> => {
  const within = kinds.reduce((sum, kind) => sum + kind.milliseconds, 0)
  const time = (value: number) => value.toFixed(3)
  return [
    `${backend}, ${how}: ${time(milliseconds)} ms a step, ${time(within)} ms of it in kernels`,
    ...alignedTable(
      [
        ["kind", "calls", "ms", "share"],
        ...kinds.map((kind) => [
          kind.primitive === "engine" ? "(the engine's own)" : kind.primitive,
          formatCount(kind.calls),
          time(kind.milliseconds),
          formatShare(within === 0 ? 0 : kind.milliseconds / within)
        ])
      ],
      { first: 1, last: 3 }
    )
  ]
}

/** The printed program, each primitive with the line that wrote it. */
export const programListing = (program: ReadonlyArray<ExplainedPrimitive>): ReadonlyArray<string> => {
  const texts = program.map(({ text, part, calls }) => [squeezed(text), part, lineText(sourceOf(calls))])
  return alignedTable(texts, { first: -1, last: -1 })
}

const squeezed = (text: string): string => text.replaceAll(/ {2,}/g, " ")
