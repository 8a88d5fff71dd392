/** What a log may lose in part without losing its sense: many lines of one kind, each about one update. */
const repeated: ReadonlySet<string> = new Set(["Progress", "Measured", "Checkpointed", "PictureWritten", "Warned"])

/**
 * A log of JSON lines (UTF-8) with about half as many records of progress, checkpoints, images and warnings: of each kind
 * the first and the last stay, and between them those that lie at equal distances over the run's course. Warnings of the
 * same first words are of a kind: of a single one nothing is lost. Starts, ends and interruptions all stay. Torn lines,
 * which readers pass over, are left out.
 *
 * Works on the bytes, and holds no line longer than it looks at it: a process does not give back soon what a whole log
 * as texts takes.
 */
export const thinnedLines = (log: Uint8Array): Uint8Array => {
  const records = recordsOf(log)
  const updates = new Map<string, Array<number>>()
  for (const { kind, tag, update } of records) {
    if (!repeated.has(tag)) continue
    const before = updates.get(kind)
    if (before === undefined) updates.set(kind, [update])
    else before.push(update)
  }
  const keeps = new Map([...updates].map(([kind, all]) => [kind, evenly(all)]))
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
  readonly tag: string
  /** What it is one of many of: its tag, and of a warning the first words. */
  readonly kind: string
  readonly update: number
}

const recordsOf = (log: Uint8Array): ReadonlyArray<LoggedRecord> => {
  const decoder = new TextDecoder()
  const texts = new Map<string, string>()
  // One text for all lines of a kind, not one a line.
  const shared = (text: string): string => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
  const records: Array<LoggedRecord> = []
  for (let begin = 0; begin < log.length; ) {
    const found = log.indexOf(lineFeed, begin)
    const end = found === -1 ? log.length : found
    const told = toldBy(decoder.decode(log.subarray(begin, end)))
    if (told !== undefined) {
      records.push({ begin, end, tag: shared(told.tag), kind: shared(told.kind), update: told.update })
    }
    begin = end + 1
  }
  return records
}

const toldBy = (line: string): Pick<LoggedRecord, "tag" | "kind" | "update"> | undefined => {
  try {
    const json: unknown = JSON.parse(line)
    if (typeof json !== "object" || json === null || !("_tag" in json) || !("update" in json)) return undefined
    const { _tag: tag, update } = json
    if (typeof tag !== "string" || typeof update !== "number") return undefined
    const message = "message" in json && typeof json.message === "string" ? json.message : ""
    return { tag, kind: `${tag} ${message.split(/[:.,]/, 1)[0]}`, update }
  } catch {
    return undefined
  }
}
