// Writes the tables of docs/reproduction.md from docs/reproduction/results.json. Run by `npm run guide`; a test fails when they are out of date.
// `node build/reproduction.ts --from runs/seeds` takes the results and figures of that reproduction first, the figures of the median seeds.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { parseArgs } from "node:util"
import * as Result from "effect/Result"
import type { SampleMeasures } from "../src/domain/metrics/SampleMeasures.ts"
import { judgeClaims } from "../src/domain/paper/claim/judgeClaims.ts"
import { measureText, seedsText } from "../src/domain/paper/report/claimsTable.ts"
import { type ExperimentGroup, experimentGroups, shownText } from "../src/domain/paper/report/experimentGroup.ts"
import { shownFigures } from "../src/domain/paper/report/figuresSection.ts"
import type { ClaimResult, Results } from "../src/domain/paper/report/Results.ts"
import { decodeResults } from "../src/domain/paper/report/resultsFile.ts"
import { formatMedian, formatWithError } from "../src/domain/text/numbers.ts"
import { sha256 } from "../src/layers/file/sha256.ts"

export const reproductionPage = resolve(import.meta.dirname, "../docs/reproduction.md")
const folder = resolve(import.meta.dirname, "../docs/reproduction")

/** The results that the page is about. */
export const readResults = (path = join(folder, "results.json")): Results =>
  Result.getOrThrow(decodeResults(readFileSync(path, "utf8"), path, sha256))

const row = (...cells: ReadonlyArray<string>): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`

/** Rules are the claims' own, also of results that were made before they had any. */
const ruleOf = (claim: ClaimResult): string =>
  claim.rule ?? judgeClaims([]).find(({ id }) => id === claim.id)?.rule ?? ""

const verdictText = (claim: ClaimResult): string => {
  const seeds = seedsText(claim)
  return `**${claim.verdict}**${seeds === undefined ? "" : `; ${seeds}`}${claim.finding === undefined ? "" : `<br>${claim.finding}`}`
}

const claimsOf = ({ claims }: Results): ReadonlyArray<string> => [
  row("the paper says", "verdict"),
  "|---|---|",
  ...claims.map((claim) => row(`**${claim.id}** ${claim.statement}<br>*${ruleOf(claim)}*`, verdictText(claim))),
  "",
  "<details><summary>The numbers of each claim, with their bounds</summary>",
  ...claims.flatMap((claim) => ["", ...numbersOf(claim)]),
  "",
  "</details>"
]

const numbersOf = ({ id, reason, measures }: ClaimResult): ReadonlyArray<string> => [
  `**${id}** ${reason}`,
  "",
  row("", "median over seeds (least to greatest), or value ± standard error of one"),
  "|---|---|",
  ...measures.map((measure) => row(measure.name, measureText(measure)))
]

/** What is said of each set of images. */
const columns: ReadonlyArray<
  readonly [name: string, of: (measures: SampleMeasures) => number, error?: (measures: SampleMeasures) => number]
> = [
  ["Fréchet", (m) => m.frechetDistance],
  ["precision", (m) => m.precision],
  ["recall", (m) => m.recall],
  ["coverage", (m) => m.coverage],
  ["class entropy", (m) => m.classEntropy],
  ["confidence", (m) => m.confidence.value],
  ["log-likelihood (nats)", (m) => m.parzen.logLikelihood, (m) => m.parzen.standardError]
]

const measuresOf = ({ experiments, references }: Results): ReadonlyArray<string> => {
  const cells = (all: ReadonlyArray<SampleMeasures>): ReadonlyArray<string> =>
    columns.map(([, of, error]) => {
      const [only, ...others] = all
      return only === undefined || others.length > 0 || error === undefined
        ? formatMedian(all.map(of))
        : formatWithError(of(only), error(only))
    })
  const groups = experimentGroups(experiments)
  return [
    row("", "seeds", "collapsed", ...columns.map(([name]) => name)),
    `|${"---|".repeat(columns.length + 3)}`,
    row("test images (floor)", "", "", ...cells([references.testImages])),
    ...groups.map(({ title, runs }) =>
      row(
        title,
        String(runs.length),
        String(runs.filter(({ collapsed }) => collapsed).length),
        ...cells(runs.map(({ measures }) => measures))
      )
    ),
    row("noise (ceiling)", "", "", ...cells([references.noise]))
  ]
}

const figuresOf = (results: Results): ReadonlyArray<string> =>
  shownGroups(results).map((group) => `- ${shownText(group)}`)

const shownGroups = (results: Results): ReadonlyArray<ExperimentGroup> => [
  ...new Set(
    shownFigures(results).paper.flatMap(({ about, shown }) => (shown && about.experiment ? [shown.group] : []))
  )
]

/** The page with its tables as results have them. */
export const withResults = (page: string, results: Results): string => {
  const parts: Readonly<Record<string, (results: Results) => ReadonlyArray<string>>> = {
    claims: claimsOf,
    measures: measuresOf,
    figures: figuresOf
  }
  return page.replace(
    /<!-- results: (\w+) -->\n[\s\S]*?<!-- end -->/g,
    (_, name: string) => `<!-- results: ${name} -->\n\n${(parts[name]?.(results) ?? []).join("\n")}\n\n<!-- end -->`
  )
}

/** Copies results, and the images that its report shows of the paper's figures, beside the page. */
const take = (reproduction: string): void => {
  const report = join(reproduction, "report")
  const results = readResults(join(report, "results.json"))
  const { paper } = shownFigures(results)
  const own = paper.flatMap(({ shown }) => shown ?? [])
  for (const { figure } of own) copyFileSync(join(report, figure.path), join(folder, `${figure.name}.png`))
  const steps = own.find(({ figure }) => figure.name === "figure-6")
  // Beside the steps: their animation, and the same training's curves.
  for (const file of steps === undefined ? [] : ["figure-6.webp", "learning-curves.svg"]) {
    const beside = join(report, dirname(steps?.figure.path ?? ""), file)
    if (existsSync(beside)) copyFileSync(beside, join(folder, file))
  }
  copyFileSync(join(report, "results.json"), join(folder, "results.json"))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { from: { type: "string" } } })
  if (values.from !== undefined) take(values.from)
  writeFileSync(reproductionPage, withResults(readFileSync(reproductionPage, "utf8"), readResults()))
}
