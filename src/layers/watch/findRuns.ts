import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"

/** A run's log. */
export const logName = "log.jsonl"

/** A folder with a log. */
export interface FoundRun {
  /** Below the folder that is watched, with `/` between its parts; `.` if it is that folder itself. */
  readonly id: string
  readonly folder: string
}

/** What was found in a folder. */
export interface FoundRuns {
  /** By their ids. */
  readonly runs: ReadonlyArray<FoundRun>
  /** Whether there was more to look at than is looked at. */
  readonly more: boolean
}

/** How deep runs may lie, in how many folders they are looked for, and how many are followed. */
const [deepest, mostFolders, mostRuns] = [6, 5000, 1000]

/** What runs keep in folders of their own, and what is nobody's run. */
const others: ReadonlySet<string> = new Set(["checkpoints", "milestones", "diverged", "figures", "node_modules"])

/**
 * The runs in a folder and those below it, or the folder itself if it is one: whatever has a `log.jsonl`. Links are not followed, and
 * what may not be read is passed over.
 */
export const findRuns = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  paths: Path.Path,
  root: string
): Effect.fn.Return<FoundRuns> {
  const kindOf = (path: string) =>
    Effect.map(Effect.option(fs.lstat(path)), (found) => Option.getOrUndefined(Option.map(found, ({ type }) => type)))
  const runs: Array<FoundRun> = []
  let level: ReadonlyArray<FoundRun> = [{ id: ".", folder: root }]
  let looked = 0
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: Array<FoundRun> = []
    for (const { id, folder } of level) {
      if (looked++ >= mostFolders || runs.length >= mostRuns) return { runs: sorted(runs), more: true }
      const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), (): Array<string> => [])
      if (names.includes(logName) && (yield* kindOf(paths.join(folder, logName))) === "File") {
        runs.push({ id, folder })
        continue
      }
      // What has an ending is hardly ever a folder, and there may be thousands.
      for (const name of names.filter((one) => !one.startsWith(".") && !others.has(one) && !/\.\w{2,5}$/.test(one))) {
        const below = paths.join(folder, name)
        if ((yield* kindOf(below)) === "Directory")
          next.push({ id: id === "." ? name : `${id}/${name}`, folder: below })
      }
    }
    level = next
  }
  return { runs: sorted(runs), more: level.length > 0 }
})

const sorted = (runs: ReadonlyArray<FoundRun>): ReadonlyArray<FoundRun> =>
  runs.toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }))
