import { existsSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { FaultCount } from "./FaultPart.ts"
import { pause, type Running, type SmallRun, start, withSmallRun } from "./smallRun.ts"

const stranger = fileURLToPath(new URL("strangerProcess.ts", import.meta.url))

/** Never at its end within the test, and saves all the time. */
const endless = { training: { epochs: 100_000 }, reporting: { logEveryUpdates: 2, checkpointEveryEpochs: 2 } }
const training = "/600000  epoch"

/** The exit code of a process that has lost its folder. */
const lostCode = 3

/** A process that holds the folder, and the number by which it is signalled: what starts it in a space of its own passes nothing on. */
interface Holder extends Running {
  readonly signalled: number
}

interface LoggedEvent {
  readonly _tag: string
  readonly update: number
}

const logOf = (run: string): ReadonlyArray<LoggedEvent> =>
  readFileSync(join(run, "log.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const lockOf = (run: string): unknown => JSON.parse(readFileSync(join(run, "run.lock"), "utf8")).id

/** The updates told of, and those of checkpoints saved, since the last start. */
const writtenSince = (run: string): ReadonlyArray<ReadonlyArray<number>> => {
  const events = logOf(run)
  const since = events.slice(events.findLastIndex(({ _tag }) => _tag === "Started"))
  return ["Progress", "Checkpointed"].map((tag) => since.filter(({ _tag }) => _tag === tag).map(({ update }) => update))
}

/** Waits, for a while, until the present holder has written so much that a second writer would be seen. */
const hasWritten = async (run: string): Promise<boolean> => {
  for (let looks = 0; looks < 600; looks++) {
    if (writtenSince(run).every(({ length }) => length > 1)) return true
    await pause(100)
  }
  return false
}

/** Whether every update is told of once and every checkpoint was saved once, in their order: there was one writer. */
const isOneWriters = (updates: ReadonlyArray<number>): boolean =>
  updates.every((update, i) => i === 0 || update > (updates[i - 1] ?? 0))

/**
 * A holder is stopped; `meanwhile` happens; another trains in its folder; the first goes on. It has to end with its own error,
 * and to have written nothing.
 */
const displaced = async (
  small: SmallRun,
  hold: () => Promise<Holder>,
  meanwhile: () => Promise<void>,
  intrude: () => Promise<Holder>
): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  const first = await hold()
  await first.shown("update 24: checkpoint")
  process.kill(first.signalled, "SIGSTOP")
  await meanwhile()
  const second = await intrude()
  await second.shown(training)
  const lock = lockOf(small.run)
  process.kill(first.signalled, "SIGCONT")
  const { code, stderr } = await first.ended
  const lines = stderr.split("\n").filter((line) => line.trim() !== "")
  if (code !== lostCode || !stderr.includes(`${small.run} is no longer this process's`) || lines.length > 4) {
    problems.push(`ended with ${code}: ${stderr}`)
  }
  await pause(300)
  if (!existsSync(join(small.run, "run.lock")) || lockOf(small.run) !== lock)
    problems.push("the other's lock was touched")
  if (!(await hasWritten(small.run))) problems.push("the other has written nothing for a minute")
  process.kill(second.signalled, "SIGINT")
  const end = await second.ended
  if (end.code !== 130) problems.push(`the other ended with ${end.code}: ${end.stderr}`)
  const written = writtenSince(small.run)
  if (!written.every(isOneWriters)) problems.push(`two have written at the same time: ${JSON.stringify(written)}`)
  return problems
}

const directly = (...args: Parameters<typeof start>): Promise<Holder> => {
  const run = start(...args)
  return Promise.resolve({ ...run, signalled: run.pid })
}

/** Both believe to be on machines of their own, where a holder counts as dead after a second and a half. */
const elsewhere = (small: SmallRun) => {
  const on = (host: string) => directly([host, "1500", ...small.train()], { main: stranger })
  return displaced(
    small,
    () => on("one"),
    () => pause(2000),
    () => on("other")
  )
}

/** In two real spaces of process numbers, with the real minute. */
const unshared = (small: SmallRun) => {
  const inSpace = async (): Promise<Holder> => {
    const run = start(small.train(), { under: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] })
    await run.shown(training)
    const children = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, "utf8")
    return { ...run, signalled: Number(children.trim()) }
  }
  return displaced(small, inSpace, () => pause(65_000), inSpace)
}

/** The folder is moved away, and another run begun under its name. */
const renamed = (small: SmallRun) =>
  displaced(
    small,
    () => directly(small.train()),
    async () => renameSync(small.run, join(small.folder, "away")),
    () => directly([...small.train(), "--seed", "2"])
  )

/** Holders that were stopped while another took their folder. */
export const lostFolders = async (size: "short" | "full"): Promise<ReadonlyArray<FaultCount>> => {
  const counted = async (
    what: string,
    times: number,
    attempt: (small: SmallRun) => Promise<ReadonlyArray<string>>
  ): Promise<FaultCount> => {
    const problems: Array<string> = []
    for (let i = 0; i < times; i++) problems.push(...(await withSmallRun(endless, attempt)))
    const note = problems[0] ?? "it says who holds the folder, exits with 3, and has written nothing more"
    return { what, tried: times, losses: problems.length, note }
  }
  const times = size === "full" ? 10 : 1
  const counts = [await counted("holders that are stopped until another machine has taken over", times, elsewhere)]
  // In the short version by `holdFolder.test.ts` alone, in one process.
  if (size === "short") return counts
  counts.push(await counted("holders that are stopped while their folder is moved away and made again", times, renamed))
  const what = "the same in two spaces of process numbers, stopped for 65 seconds"
  return process.platform === "linux" && process.getuid?.() === 0
    ? [...counts, await counted(what, 1, unshared)]
    : [...counts, { what, tried: 0, losses: 0, note: "skipped: only root may make them on Linux" }]
}
