import { terminalTable } from "../../domain/text/terminalText.ts"
import { autoChoice } from "../../layers/backend/selection/autoChoice.ts"
import type { EngineStatus } from "../../layers/backend/selection/EngineStatus.ts"

const headings = ["backend", "", "version", "ms a step", "device"]

/** What was found out about the engines as text: a table, what `auto` would take, and how to get the others. */
export const doctorTable = (found: ReadonlyArray<EngineStatus>): string => {
  const rows = [headings, ...found.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, column) =>
        (headings[column] === "ms a step" ? cell.padStart : cell.padEnd).call(cell, widths[column] ?? 0)
      )
      .join("  ")
      .trimEnd()
  )
  const { name, reason } = autoChoice(found)
  const advice = found.flatMap(({ name: absent, problem }) => (problem === undefined ? [] : [`${absent}: ${problem}.`]))
  return terminalTable([
    ...table,
    "",
    `auto takes ${name}: ${reason}.`,
    ...(advice.length === 0 ? [] : ["", "What is not there, and why:", ...advice])
  ])
}

const cellsOf = ({ name, status, version, milliseconds, device }: EngineStatus): ReadonlyArray<string> => [
  name,
  { present: "present", missing: "missing", failed: "FAILED" }[status],
  version ?? "",
  milliseconds === undefined ? "" : milliseconds.toPrecision(3),
  device?.description ?? ""
]
