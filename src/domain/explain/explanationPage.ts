import { type Chart, chartGrid } from "../page/charts.ts"
import { type Html, html, nothing } from "../page/html.ts"
import { documentPage, type PageSection } from "../page/page.ts"
import { formatCount, formatShare } from "../text/numbers.ts"
import type { ExplainedPrimitive, Explanation, PrimitivesCost } from "./explain.ts"
import { gigaflop, mebibytes } from "./explanationTable.ts"
import type { Measured } from "./measured.ts"
import { lineText, sourceCosts, sourceOf } from "./sources.ts"

/** What stands on the page of an explanation. */
export interface ExplanationContent {
  readonly explained: Explanation
  readonly measured: Measured | undefined
  /** Flame graphs. */
  readonly charts: ReadonlyArray<Chart>
  /** On what it was made: the library's version, the machine. */
  readonly facts: ReadonlyArray<string>
}

/** An explanation as one HTML document that needs nothing else. */
export const explanationPage = ({ explained, measured, charts, facts }: ExplanationContent): string => {
  const { name, batchSize, written, rewritten, memory } = explained
  const examples = batchSize === undefined ? "One step" : `One step of ${formatCount(batchSize)} examples`
  const took = measured === undefined ? "" : ` It takes ${measured.milliseconds.toFixed(2)} ms on ${measured.backend}.`
  const sections: ReadonlyArray<PageSection> = [
    { anchor: "calls", title: "By call", body: html`<div class="flames">${chartGrid(charts)}</div>` },
    { anchor: "parts", title: "By part and kind", body: html`${partsTable(explained)}${kindsTable(explained)}` },
    ...(measured === undefined ? [] : [{ anchor: "time", title: "Time of each kind", body: measuredHtml(measured) }]),
    { anchor: "lines", title: "By line of the source", body: linesTable(explained.program) },
    { anchor: "memory", title: "Memory", body: memoryHtml(memory) },
    { anchor: "rules", title: "Rewriting", body: rulesHtml(explained) },
    { anchor: "program", title: "The program", body: programHtml(explained.program) }
  ]
  return documentPage({
    title: `${name}, explained`,
    kicker: "What a program costs",
    heading: name,
    lead: `${examples} is ${gigaflop(rewritten.flop)} GFLOP in ${formatCount(rewritten.primitives)} primitives (${formatCount(written.primitives)} as written), which move ${mebibytes(rewritten.bytes)} MiB and hold ${mebibytes(memory.peak)} MiB of results at most at a time, next to ${mebibytes(memory.state)} MiB of state.${took}`,
    facts,
    sections,
    style: explanationStyle
  })
}

const explanationStyle = `
.flames .charts { grid-template-columns: minmax(0, 1fr); }
.costs td, .costs th { white-space: nowrap; }
.costs tbody th { font-family: var(--mono); font-weight: 400; }
.program td { text-align: left; font-family: var(--mono); font-size: .92em; white-space: nowrap; padding-top: .15rem; padding-bottom: .15rem; }
.program tr:target { background: var(--tint); }
`

const table = (caption: string, heads: ReadonlyArray<string>, rows: ReadonlyArray<Html>, kind = "costs"): Html =>
  html`<div class="scroller" tabindex="0"><table class="${kind}"><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>
`

const costHeads = ["Primitives", "GFLOP", "MiB moved"]

const costRow = (head: HtmlHead, { primitives, flop, bytes }: PrimitivesCost, ...more: ReadonlyArray<string>): Html =>
  html`<tr><th scope="row">${head}</th><td>${formatCount(primitives)}</td><td>${gigaflop(flop)}</td><td>${mebibytes(bytes)}</td>${more.map((cell) => html`<td>${cell}</td>`)}</tr>
`

type HtmlHead = string | Html

const partsTable = ({ parts, rewritten }: Explanation): Html =>
  table(
    "Forward is what the step computes, backward the derivatives of it, update what optimizers and averages make of those. Memory moved is what primitives read and write, in float32.",
    ["Part", ...costHeads],
    [...parts.map(({ part, ...cost }) => costRow(part, cost)), costRow("all", rewritten)]
  )

const kindsTable = ({ kinds }: Explanation): Html =>
  table(
    "Kinds of primitive, those that move most first.",
    ["Primitive", ...costHeads],
    kinds.map(({ primitive, ...cost }) => costRow(primitive, cost))
  )

const measuredHtml = ({ backend, how, milliseconds, kinds }: Measured): Html => {
  const within = kinds.reduce((sum, kind) => sum + kind.milliseconds, 0)
  return table(
    `On ${backend}, ${how}, on inputs drawn uniformly from [0, 1): ${milliseconds.toFixed(2)} ms a step, of which ${within.toFixed(2)} ms in the kernels below. Sums that the engine computes together with a product count as products.`,
    ["Primitive", "Calls", "ms", "Share"],
    kinds.map(
      (kind) =>
        html`<tr><th scope="row">${kind.primitive === "engine" ? "the engine’s own" : kind.primitive}</th><td>${formatCount(kind.calls)}</td><td>${kind.milliseconds.toFixed(3)}</td><td>${formatShare(within === 0 ? 0 : kind.milliseconds / within)}</td></tr>
`
    )
  )
}

const linesTable = (program: ReadonlyArray<ExplainedPrimitive>): Html => {
  const first = new Map(program.map(({ calls }, i) => [lineText(sourceOf(calls)), i] as const).toReversed())
  return table(
    "What each line costs by the primitives that it wrote, their derivatives included; the innermost line of the model. A line leads to its first primitive below.",
    ["Line", ...costHeads, "In"],
    sourceCosts(program).map(({ line, name, ...cost }) =>
      costRow(html`<a href="#p${first.get(line) ?? 0}">${line}</a>`, cost, name ?? "")
    )
  )
}

const memoryHtml = ({ state, next, inputs, sources, peak, held }: Explanation["memory"]): Html =>
  html`${table(
    "By the live ranges of results, in the order in which they are computed: other views take no memory, and an elementwise result takes the place of an operand that nothing else needs. A lower bound of what an engine takes.",
    ["Memory", "MiB"],
    Object.entries({
      state,
      "next state, made beside it": next,
      inputs,
      "random numbers and constants": sources,
      "results, at most at a time": peak
    }).map(([what, bytes]) => html`<tr><th scope="row">${what}</th><td>${mebibytes(bytes)}</td></tr>`)
  )}${table(
    "What is held where results need most.",
    ["Result", "MiB", "Line"],
    held
      .slice(0, 12)
      .map(
        ({ text, bytes, calls }) =>
          html`<tr><th scope="row">${squeezed(text)}</th><td>${mebibytes(bytes)}</td><td>${lineText(sourceOf(calls))}</td></tr>`
      )
  )}`

const rulesHtml = ({ rules, written, rewritten }: Explanation): Html =>
  rules.length === 0
    ? html`<p>No rule of rewriting was used.</p>`
    : table(
        `How often each rule was used on the way from ${formatCount(written.primitives)} to ${formatCount(rewritten.primitives)} primitives.`,
        ["Rule", "Used"],
        rules.map(({ rule, fired }) => html`<tr><th scope="row">${rule}</th><td>${formatCount(fired)}</td></tr>`)
      )

const programHtml = (program: ReadonlyArray<ExplainedPrimitive>): Html =>
  program.length === 0
    ? nothing
    : html`<details open><summary>${formatCount(program.length)} primitives, each with the line that wrote it</summary>${table(
        "A derivative has the line of what it is derived of.",
        ["Primitive", "Part", "Line"],
        program.map(
          ({ text, part, calls }, i) =>
            html`<tr id="p${i}"><td>${squeezed(text)}</td><td>${part}</td><td>${lineText(sourceOf(calls))}</td></tr>
`
        ),
        "program"
      )}</details>`

const squeezed = (text: string): string => text.replaceAll(/ {2,}/g, " ")
