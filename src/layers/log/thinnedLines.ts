/** What a log may lose in part without losing its sense: many lines of one kind, each about one update. */
const repeated: ReadonlySet<string> = new Set(["Progress", "Checkpointed", "PictureWritten"])

/**
 * The text of a log of JSON lines with every second record of progress, checkpoints and pictures left out; the last of each
 * kind stays, and so do all starts, ends, interruptions and warnings. Torn lines, which readers pass over, are left out.
 */
export const thinnedLines = (text: string): string => {
  const seen = new Map<string, number>()
  const kept: Array<string> = []
  // From the end on, so that the newest record of a kind is always among those that stay.
  for (const line of text.split("\n").reverse()) {
    const kind = kindOf(line)
    if (kind === undefined) continue
    const count = seen.get(kind) ?? 0
    seen.set(kind, count + 1)
    if (repeated.has(kind) && count % 2 === 1) continue
    kept.push(line)
  }
  return kept
    .reverse()
    .map((line) => `${line}\n`)
    .join("")
}

const kindOf = (line: string): string | undefined => {
  try {
    const json: unknown = JSON.parse(line)
    if (typeof json !== "object" || json === null || !("_tag" in json)) return undefined
    return typeof json._tag === "string" ? json._tag : undefined
  } catch {
    return undefined
  }
}
