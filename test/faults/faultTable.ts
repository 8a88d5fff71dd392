import type { FaultCount } from "./FaultPart.ts"

/** A part that has been run. */
export interface PartResult {
  readonly name: string
  readonly seconds: number
  readonly counts: ReadonlyArray<FaultCount>
}

/** The counts as a table in Markdown. */
export const faultTable = (results: ReadonlyArray<PartResult>): string =>
  [
    "| part | what | tried | losses | |",
    "|---|---|---:|---:|---|",
    ...results.flatMap(({ name, seconds, counts }) =>
      counts.map(({ what, tried, losses, note = "" }, i) => {
        const part = i === 0 ? `${name} (${seconds} s)` : ""
        return `| ${part} | ${what} | ${tried.toLocaleString("en")} | ${losses} | ${note.replaceAll("|", "/").replaceAll("\n", " ")} |`
      })
    )
  ].join("\n")
