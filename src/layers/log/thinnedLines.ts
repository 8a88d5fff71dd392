/** What a log may lose in part without losing its sense: many lines of one kind, each about one update. */
const repeated: ReadonlySet<string> = new Set(["Progress", "Checkpointed", "PictureWritten"])

/**
 * The text of a log of JSON lines with about half as many records of progress, checkpoints and pictures: of each kind the
 * first and the last stay, and between them those that lie at equal distances over the run's course. Starts, ends,
 * interruptions and warnings all stay. Torn lines, which readers pass over, are left out.
 */
export const thinnedLines = (text: string): string => {
  const records = text.split("\n").flatMap(recordOf)
  const keeps = new Map(
    [...repeated].map((kind) => [kind, evenly(records.flatMap((one) => (one.kind === kind ? [one.update] : [])))])
  )
  return records
    .filter(({ kind, update }) => keeps.get(kind)?.(update) ?? true)
    .map(({ line }) => `${line}\n`)
    .join("")
}

/** Whether to keep the next of these updates, asked for one after the other: the ends, and others at twice their distance. */
const evenly = (updates: ReadonlyArray<number>): ((update: number) => boolean) => {
  const [first = 0, last = 0] = [updates[0], updates.at(-1)]
  const step = (2 * (last - first)) / updates.length
  let kept: number | undefined
  let asked = 0
  return (update) => {
    asked++
    // Going back is what a resumed run does.
    const far = kept === undefined || Math.abs(update - kept) >= step
    if (!far && asked !== updates.length) return false
    kept = update
    return true
  }
}

const recordOf = (
  line: string
): ReadonlyArray<{ readonly line: string; readonly kind: string; readonly update: number }> => {
  try {
    const json: unknown = JSON.parse(line)
    if (typeof json !== "object" || json === null || !("_tag" in json) || !("update" in json)) return []
    const { _tag: kind, update } = json
    return typeof kind === "string" && typeof update === "number" ? [{ line, kind, update }] : []
  } catch {
    return []
  }
}
