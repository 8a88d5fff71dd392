import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { lostFolders } from "./lostFolders.ts"
import { type SmallRun, start, withSmallRun } from "./smallRun.ts"

/** Never at its end within the test. */
const endless = { training: { epochs: 100_000 }, reporting: { logEveryUpdates: 2, checkpointEveryEpochs: 10 } }
const training = "/600000  epoch"

const ownerIn = ({ run }: SmallRun): number => JSON.parse(readFileSync(join(run, "run.lock"), "utf8")).process

/** One holder and one intruder; the holder is killed; then several come at once. */
const round = (small: SmallRun, contenders: number, problems: Array<string>): Promise<void> => {
  const refusedBy = (stderr: string, owner: number): boolean =>
    stderr.includes(`${small.run} is in use by process ${owner} on `)
  return (async () => {
    const first = start(small.train())
    await first.shown(training)
    const refused = await start(small.train()).ended
    if (refused.code !== 1 || !refusedBy(refused.stderr, first.pid)) problems.push(`let in: ${refused.stderr}`)
    first.kill("SIGKILL")
    await first.ended
    if (ownerIn(small) !== first.pid) problems.push("the killed holder's lock is gone")

    const many = Array.from({ length: contenders }, () => start(small.train()))
    await Promise.race(many.map(({ shown }) => shown(training)))
    const ends = new Map<number, string>()
    await Promise.race([
      Promise.all(many.map(({ pid, ended }) => ended.then(({ stderr }) => ends.set(pid, stderr)))),
      (async () => {
        while (ends.size < contenders - 1) await new Promise((resolve) => setTimeout(resolve, 50))
      })()
    ])
    const [winner, ...others] = many.filter(({ pid }) => !ends.has(pid))
    if (winner === undefined || others.length > 0) problems.push("not one of them was let in")
    else {
      for (const stderr of ends.values()) if (!refusedBy(stderr, winner.pid)) problems.push(`another fault: ${stderr}`)
      winner.kill("SIGKILL")
      await winner.ended
    }
  })()
}

/** Several processes in one run's folder. */
export const twoRuns: FaultPart = {
  name: "two runs at once",
  run: async ({ size }) => {
    const [rounds, contenders] = size === "full" ? [10, 4] : [1, 2]
    const problems: Array<string> = []
    await withSmallRun(endless, async (small) => {
      for (let i = 0; i < rounds; i++) await round(small, contenders, problems)
    })
    const count: FaultCount = {
      what: "processes that come into a folder where one lives, or that another left by kill -9",
      tried: rounds * (contenders + 1),
      losses: problems.length,
      note: problems[0] ?? `${contenders} at once where one died: one is let in, the others name it`
    }
    return [count, ...(await lostFolders(size))]
  }
}
