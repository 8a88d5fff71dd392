// Writes the tables of docs/rewriting.md from the rules themselves. Run by `npm run guide`; a test fails when they are out of date.
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { nodeRules } from "../src/domain/tensor/rewrite/algebra.ts"
import { type GraphRule, graphRules } from "../src/domain/tensor/rewrite/graphRules.ts"

export const rewritingPage = resolve(import.meta.dirname, "../docs/rewriting.md")

const row = (...cells: ReadonlyArray<string>): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
const code = (text: string): string => `\`${text}\``

const ofGraphs = [
  row("rule", "formula", "why, and where not"),
  "|---|---|---|",
  ...graphRules.map(({ name, formula, reason }: GraphRule) => row(name, code(formula), reason))
]

const ofNodes = [
  row("primitive", "rules, in the order in which they are tried"),
  "|---|---|",
  ...[...new Set(nodeRules.map(({ op }) => op))].map((op) =>
    row(
      code(op),
      nodeRules
        .filter((rule) => rule.op === op)
        .map(({ formula }) => code(formula))
        .join("; ")
    )
  )
]

/** The page with its tables as the rules have them. */
export const withTables = (page: string): string => {
  const tables: Readonly<Record<string, ReadonlyArray<string>>> = { graphs: ofGraphs, primitives: ofNodes }
  return page.replace(
    /<!-- rules: (\w+) -->\n[\s\S]*?<!-- end -->/g,
    (_, name: string) => `<!-- rules: ${name} -->\n\n${(tables[name] ?? []).join("\n")}\n\n<!-- end -->`
  )
}

if (import.meta.main) writeFileSync(rewritingPage, withTables(readFileSync(rewritingPage, "utf8")))
