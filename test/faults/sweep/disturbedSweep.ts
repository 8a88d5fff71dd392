import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { layerSql as layerSqlCheckpoints } from "../../../src/layers/checkpoint/sql.ts"
import { layerStore } from "../../../src/layers/onDemand.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { pause, type Running, start } from "../smallRun.ts"
import { newestDigest, tinyPoint, undisturbed, type WorkerSettings } from "./sweepPoints.ts"

/** A sweep of tiny trainings, and what is done to its workers. */
export interface DisturbedSweep {
  /** As the tests reach the store. */
  readonly address: string
  /** SQL that notes in `fovea_audit (what, id)` each point that becomes finished, and each checkpoint that is saved. */
  readonly audit: ReadonlyArray<string>
  /** One worker for each: where it finds the store, and what runs its process. */
  readonly workers: ReadonlyArray<{ readonly address: string; readonly under: ReadonlyArray<string> }>
  readonly engine: WorkerSettings["engine"]
  readonly points: number
  readonly epochs: number
  readonly leaseMillis: number
  readonly answerMillis: number
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

const workerFile = fileURLToPath(new URL("sweepWorker.ts", import.meta.url))

/** Runs the sweep while its workers are killed and stopped, and looks whether every point came to what it comes to undisturbed. */
export const disturbedSweep = async (sweep: DisturbedSweep): Promise<SweepOutcome> => {
  const { draw, engine, epochs } = sweep
  const problems: Array<string> = []
  const points = Array.from({ length: sweep.points }, (_, seed) => tinyPoint(seed, epochs, engine))
  const expected = Promise.all(points.map(undisturbed))
  const store = ManagedRuntime.make(
    layerSql.pipe(Layer.provideMerge(layerStore({ address: sweep.address })), Layer.provideMerge(NodeServices.layer))
  )
  const queue = <A, E>(use: (queue: TrainingQueue["Service"]) => Effect.Effect<A, E>) =>
    store.runPromise(TrainingQueue.use(use))
  const rows = <A extends object>(statement: string) =>
    store.runPromise(Database.use(({ read, sql }) => read("look", sql.unsafe<A>(statement))))
  const end = performance.now() + sweep.limitMillis
  let finished = false
  const tally = { kills: 0, stops: 0, losses: 0, waits: 0 }

  const keepWorking = async (index: number): Promise<void> => {
    const { address, under } = sweep.workers[index] ?? { address: "", under: [] }
    for (let life = 1; !finished; life++) {
      const { answerMillis, leaseMillis } = sweep
      const settings: WorkerSettings = { name: `w${index}.${life}`, address, engine, leaseMillis, answerMillis }
      const running = start([JSON.stringify(settings)], { main: workerFile, under })
      alive[index] = running
      const { code, stdout, stderr } = await running.ended
      const said = stdout + stderr
      tally.losses += said.split("is no longer this worker's").length - 1
      tally.waits += said.split("does not answer").length - 1
      if (code !== null && code !== 0) problems.push(`worker ${settings.name} ended with ${code}: ${said.slice(-2000)}`)
      if (code === 0) finished = true
      if (performance.now() > end) return
    }
  }
  const alive: Array<Running | undefined> = []
  const disturb = async (): Promise<void> => {
    while (!finished && (tally.kills < sweep.kills || tally.stops < sweep.stops)) {
      const chosen = alive[Math.floor(draw() * sweep.workers.length)]
      await Promise.race([chosen?.shown("ready"), pause(10_000)])
      await pause(800 * draw())
      if (finished || chosen === undefined) return
      const stopping = tally.kills >= sweep.kills || (tally.stops < sweep.stops && draw() < sweep.stops / sweep.kills)
      if (!stopping) {
        chosen.kill("SIGKILL")
        tally.kills++
        continue
      }
      chosen.kill("SIGSTOP")
      await pause(sweep.leaseMillis * (1.5 + draw()))
      chosen.kill("SIGCONT")
      tally.stops++
    }
  }
  try {
    await queue(({ submit }) => submit({ name: "tiny", plan: JSON.stringify({ epochs }) }, points))
    for (const statement of sweep.audit) await rows(statement)
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
    const results = await queue((opened) => opened.results("tiny"))
    for (const { error, point, state } of results) {
      if (state !== "finished") problems.push(`${point.id} is ${state}: ${JSON.stringify(error)}`)
    }
    const noted = await rows<{ readonly what: string; readonly id: string; readonly times: number }>(
      "SELECT what, id, CAST(count(*) AS INTEGER) AS times FROM fovea_audit GROUP BY what, id"
    )
    const ended = noted.filter(({ what }) => what === "finished")
    if (ended.length !== points.length) problems.push(`${ended.length} of ${points.length} points finished`)
    for (const { id, times, what } of noted) if (times !== 1) problems.push(`${id} was ${what} ${times} times`)
    const found = await Promise.all(
      points.map(({ id }) =>
        store.runPromise(Effect.provide(newestDigest, layerSqlCheckpoints({ run: id }), { local: true }))
      )
    )
    const wanted = await expected
    for (const [index, { id }] of points.entries()) {
      if (found[index] !== wanted[index])
        problems.push(`${id} came to ${found[index]}, undisturbed to ${wanted[index]}`)
    }
    return { points: points.length, ...tally, problems }
  } finally {
    for (const running of alive) running?.kill("SIGKILL")
    await store.dispose()
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
