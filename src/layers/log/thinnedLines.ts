/** What a log may lose in part without losing its sense: many lines of one kind, each about one update. */
const repeated: ReadonlySet<string> = new Set(["Progress", "Checkpointed", "PictureWritten"])

/**
 * A log of JSON lines (UTF-8) with about half as many records of progress, checkpoints and pictures: of each kind the
 * first and the last stay, and between them those that lie at equal distances over the run's course. Starts, ends,
 * interruptions and warnings all stay. Torn lines, which readers pass over, are left out.
 *
 * Works on the bytes, and holds no line longer than it looks at it: a process does not give back soon what a whole log
 * as texts takes.
 */
export const thinnedLines = (log: Uint8Array): Uint8Array => {
  const records = recordsOf(log)
  const keeps = new Map(
    [...repeated].map((kind) => [kind, evenly(records.flatMap((one) => (one.kind === kind ? [one.update] : [])))])
  )
  const kept = records.filter(({ kind, update }) => keeps.get(kind)?.(update) ?? true)
  const thinned = new Uint8Array(kept.reduce((sum, { begin, end }) => sum + end - begin + 1, 0))
  let at = 0
  for (const { begin, end } of kept) {
    thinned.set(log.subarray(begin, end), at)
    at += end - begin
    thinned[at++] = lineFeed
  }
  return thinned
}

const lineFeed = 10

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

interface LoggedRecord {
  /** Its bytes in the log, from `begin` to before `end`, without the line's end. */
  readonly begin: number
  readonly end: number
  readonly kind: string
  readonly update: number
}

const recordsOf = (log: Uint8Array): ReadonlyArray<LoggedRecord> => {
  const decoder = new TextDecoder()
  const kinds = new Map<string, string>()
  const records: Array<LoggedRecord> = []
  for (let begin = 0; begin < log.length; ) {
    const found = log.indexOf(lineFeed, begin)
    const end = found === -1 ? log.length : found
    const record = kindAndUpdate(decoder.decode(log.subarray(begin, end)))
    if (record !== undefined) {
      // One text for all lines of a kind, not one a line.
      const kind = kinds.get(record.kind) ?? record.kind
      kinds.set(kind, kind)
      records.push({ begin, end, kind, update: record.update })
    }
    begin = end + 1
  }
  return records
}

const kindAndUpdate = (line: string): { readonly kind: string; readonly update: number } | undefined => {
  try {
    const json: unknown = JSON.parse(line)
    if (typeof json !== "object" || json === null || !("_tag" in json) || !("update" in json)) return undefined
    const { _tag: kind, update } = json
    return typeof kind === "string" && typeof update === "number" ? { kind, update } : undefined
  } catch {
    return undefined
  }
}
