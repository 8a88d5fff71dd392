import { pause, type Running, start } from "../smallRun.ts"
import { calmSweep, leaseSeconds, openStore, statesIn, type TinySweep, workerOn } from "./calmSweep.ts"

/** A sweep of tiny trainings by real workers, and what is done to them. */
export interface DisturbedSweep extends TinySweep {
  /** As the tests reach the store. */
  readonly address: string
  /** SQL that notes in `fovea_audit (what, id)` each point that becomes finished, and each checkpoint that is saved. */
  readonly audit: ReadonlyArray<string>
  /** One worker for each: where it finds the store, and what runs its process. */
  readonly workers: ReadonlyArray<{ readonly address: string; readonly under: ReadonlyArray<string> }>
  readonly kills: number
  readonly stops: number
  /** From 0 to 1. */
  readonly draw: () => number
  /** What else is done, once the workers work. `finished`: whether no point is left. */
  readonly besides?: (finished: () => boolean) => Promise<void>
  readonly limitMillis: number
}

/** What came of it. */
export interface SweepOutcome {
  readonly points: number
  readonly kills: number
  readonly stops: number
  /** Leases that workers noticed to have lost. */
  readonly losses: number
  /** How often a worker said that the store does not answer. */
  readonly waits: number
  readonly problems: ReadonlyArray<string>
}

/** Runs the sweep while its workers are killed and stopped, and looks whether every point came to what it comes to undisturbed. */
export const disturbedSweep = async (sweep: DisturbedSweep): Promise<SweepOutcome> => {
  const { draw } = sweep
  const problems: Array<string> = []
  const calm = await calmSweep(sweep)
  const store = openStore(sweep.address)
  const end = performance.now() + sweep.limitMillis
  let finished = false
  const tally = { kills: 0, stops: 0, losses: 0, waits: 0 }
  const alive: Array<Running | undefined> = []

  const keepWorking = async (index: number): Promise<void> => {
    const { address, under } = sweep.workers[index] ?? { address: "", under: [] }
    while (!finished && performance.now() < end) {
      const running = start(workerOn(address, sweep), { under })
      alive[index] = running
      const { code, stdout, stderr } = await running.ended
      const said = stdout + stderr
      tally.losses += said.split("is no longer this worker's").length - 1
      tally.waits += said.split("does not answer").length - 1
      if (code !== null && code !== 0) problems.push(`a worker ended with ${code}: ${said.slice(-2000)}`)
      if (code === 0) finished = true
    }
  }
  /** Waits until a worker has a point, for a while. */
  const trains = async ({ pid }: Running): Promise<void> => {
    for (let looks = 0; looks < 100 && !finished; looks++) {
      const status = await store.queue((opened) => opened.status).catch(() => [])
      if (status.some(({ running }) => running.some(({ worker }) => worker.endsWith(`:${pid}`)))) return
      await pause(100)
    }
  }
  const disturb = async (): Promise<void> => {
    while (!finished && (tally.kills < sweep.kills || tally.stops < sweep.stops)) {
      const chosen = alive[Math.floor(draw() * sweep.workers.length)]
      if (chosen === undefined) continue
      await trains(chosen)
      // Anywhere in a point, early more often than late, for the sweep must last: always within its first moments, on a
      // busy machine, no worker would ever get on.
      await pause(calm.millisPerPoint * draw() ** 4)
      if (finished) return
      // A kill first: while the first one to be stopped is, the others may end a short sweep.
      const stopping =
        tally.kills >= sweep.kills ||
        (tally.kills > 0 && tally.stops < sweep.stops && draw() < sweep.stops / sweep.kills)
      if (!stopping) {
        chosen.kill("SIGKILL")
        tally.kills++
        continue
      }
      chosen.kill("SIGSTOP")
      await pause(1000 * leaseSeconds * (1.5 + draw()))
      chosen.kill("SIGCONT")
      tally.stops++
    }
  }
  try {
    await store.queue(({ submit }) => submit({ name: "tiny", plan: calm.plan }, calm.points))
    for (const statement of sweep.audit) await store.rows(statement)
    const working = Promise.all(sweep.workers.map((_, index) => keepWorking(index)))
    const late = pause(sweep.limitMillis).then(() => {
      if (finished) return
      problems.push(`not at its end within ${sweep.limitMillis / 1000} seconds, after ${JSON.stringify(tally)}`)
      finished = true
      for (const running of alive) running?.kill("SIGKILL")
    })
    await Promise.race([Promise.all([working, disturb(), sweep.besides?.(() => finished)]), late])
    await working

    for (const { pid } of alive.flatMap((running) => running ?? [])) {
      if (isAlive(pid)) problems.push(`process ${pid} outlived the sweep`)
    }
    const results = await store.queue((opened) => opened.results("tiny"))
    for (const { error, point, state } of results) {
      if (state !== "finished") problems.push(`${point.id} is ${state}: ${JSON.stringify(error)}`)
    }
    const noted = await store.rows<{ readonly what: string; readonly id: string; readonly times: number }>(
      "SELECT what, id, CAST(count(*) AS INTEGER) AS times FROM fovea_audit GROUP BY what, id"
    )
    const ended = noted.filter(({ what }) => what === "finished")
    if (ended.length !== sweep.points) problems.push(`${ended.length} of ${sweep.points} points finished`)
    for (const { id, times, what } of noted) if (times !== 1) problems.push(`${id} was ${what} ${times} times`)

    const [found, wanted] = [JSON.stringify(await statesIn(store)), JSON.stringify(calm.states)]
    if (found !== wanted) problems.push(`states differ: ${found}, undisturbed ${wanted}`)
    if (calm.states.some(([, state]) => typeof state !== "string")) problems.push("a point has no state")
    return { points: sweep.points, ...tally, problems }
  } finally {
    for (const running of alive) running?.kill("SIGKILL")
    await store.close()
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
