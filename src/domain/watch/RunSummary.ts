import type { RunFacts, RunState } from "./RunFacts.ts"

/** What the list of runs says of one. Numbers that are not known are `null`, as in JSON. */
export interface RunSummary {
  /** Its folder below the one that is watched, with `/`; `.` if that is the run itself. */
  readonly id: string
  readonly name: string
  readonly state: RunState
  readonly update: number
  readonly totalUpdates: number
  readonly epoch: number
  readonly updatesPerSecond: number | null
  readonly secondsLeft: number | null
  readonly startedAt: number | null
  readonly lastAt: number | null
  /** The last sheet of samples. */
  readonly image: { readonly path: string; readonly update: number } | null
  /** What was last warned of, and how many warnings are known. */
  readonly warning: { readonly update: number; readonly message: string } | null
  readonly warnings: number
  /** A metric that is not finite now. */
  readonly notFinite: string | null
  readonly checkpoint: number | null
  /** Whether it obeys commands. */
  readonly obeys: boolean
  /** What is wrong with its log, if anything. */
  readonly problem: string | null
}

/** What is known of a run besides its log's facts. */
export interface Standing {
  readonly id: string
  readonly state: RunState
  readonly obeys: boolean
  readonly problem: string | undefined
}

export const runSummary = (facts: RunFacts, { id, state, obeys, problem }: Standing): RunSummary => {
  const running = state === "running"
  const warning = facts.notices.at(-1)
  return {
    id,
    name: facts.name ?? id,
    state,
    update: facts.update,
    totalUpdates: facts.totalUpdates,
    epoch: facts.epoch,
    updatesPerSecond: finite(facts.updatesPerSecond),
    secondsLeft: running ? finite(facts.secondsLeft) : null,
    startedAt: facts.startedAt ?? null,
    lastAt: facts.lastAt ?? null,
    image: sheetOf(facts) ?? null,
    warning: warning === undefined ? null : { update: warning.update, message: warning.message },
    warnings: facts.notices.length,
    notFinite: facts.notFinite ?? null,
    checkpoint: facts.checkpoint ?? null,
    obeys: obeys && running,
    problem: problem ?? null
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** The newest image of the kind that is drawn first, which is the sheet of samples. */
const sheetOf = ({ images }: RunFacts): RunSummary["image"] | undefined => {
  const kind = images[0] === undefined ? undefined : imageKind(images[0].path)
  return images.findLast(({ path }) => imageKind(path) === kind)
}

/** What an image shows, whenever it was drawn: the name of its file, with its ending. Points of sweeps draw their samples as `update-N.png`. */
export const imageKind = (path: string): string =>
  path.slice(path.lastIndexOf("/") + 1).replace(/^update-\d+(?=\.)/, "samples")
