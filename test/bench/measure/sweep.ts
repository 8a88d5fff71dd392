import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { layerStore } from "../../../src/layers/onDemand.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { findPostgres, type PostgresServer, startPostgres } from "../../support/postgres.ts"
import { summarise } from "../harness.ts"
import type { BenchResult } from "../result.ts"
import { runWorkers } from "../sweep/runWorkers.ts"

type SweepResult = NonNullable<BenchResult["sweep"]>

const layerQueue = (address: string) =>
  Layer.provide(layerSql, layerStore({ address })).pipe(Layer.provide(NodeServices.layer))

/** Submits so many points to a new store, and lets its use ask how long `status` takes meanwhile. */
const withQueue = async <A>(
  address: string,
  points: number,
  use: (statusMillis: () => Promise<number>) => Promise<A>
): Promise<A> => {
  const store = ManagedRuntime.make(layerQueue(address))
  try {
    const all = Array.from({ length: points }, (_, index) => ({
      ...{ id: `s${index}`, payload: "{}", version: 1, engine: "onnxruntime-cpu" }
    }))
    await store.runPromise(TrainingQueue.use(({ submit }) => submit({ name: "bench", plan: "{}" }, all)))
    return await use(async () => {
      const began = performance.now()
      await store.runPromise(TrainingQueue.use(({ status }) => status))
      return performance.now() - began
    })
  } finally {
    await store.dispose()
  }
}

/** What the queue takes of the work of four workers, whose points are small that it shows, and whether their memory grows. */
const ownCost = async (
  store: "sqlite" | "postgres",
  address: string,
  points: number
): Promise<SweepResult["cost"][number]> =>
  withQueue(address, points, async (statusMillis) => {
    const status: Array<number> = [await statusMillis()]
    const asking = setInterval(async () => status.push(await statusMillis()), 2000)
    const reports = await runWorkers(address, 4, { batch: 20 }).finally(() => clearInterval(asking))
    const total = (of: (report: (typeof reports)[number]) => number) =>
      reports.reduce((sum, report) => sum + of(report), 0)
    /** After the first tenth of the points, which load and compile, and at the end. */
    const grown = reports.map(
      ({ resident }) => (resident.at(-1) ?? 0) - (resident[Math.floor(resident.length / 10)] ?? 0)
    )
    return {
      store,
      points,
      queueMsPerPoint: total(({ queueMillis }) => queueMillis) / points,
      share: total(({ queueMillis }) => queueMillis) / total(({ workMillis }) => workMillis),
      cpuShare: total(({ queueCpuMillis }) => queueCpuMillis) / total(({ workCpuMillis }) => workCpuMillis),
      residentMiB: Math.max(...reports.flatMap(({ resident }) => resident)),
      grownMiB: Math.max(...grown),
      status: summarise(status)
    }
  })

/** Processor time of a server and of all that it has started, living or not, in milliseconds; of Linux alone. */
const cpuOf = (pid: number): number => {
  const fieldsOf = (name: string) => {
    try {
      return readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
        .map(Number)
    } catch {
      return []
    }
  }
  const ticks = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, name) => {
      const fields = fieldsOf(name)
      const [user = 0, system = 0, ofEnded = 0, systemOfEnded = 0] = fields.slice(11, 15)
      if (Number(name) === pid) return sum + user + system + ofEnded + systemOfEnded
      return fields[1] === pid ? sum + user + system : sum
    }, 0)
  return ticks * 10
}

/** How much one Postgres has to do for workers that wait, and how many connections they hold. */
const idleCost = async (
  server: PostgresServer,
  address: string,
  workers: number,
  seconds: number
): Promise<SweepResult["idle"]> => {
  const every = 5
  let polls = 0
  let most = 0
  const poll = TrainingQueue.use(({ claim }) => claim({ name: "idle", versions: [9], engine: "none" }))
  const one = (index: number) =>
    Effect.andThen(
      poll,
      Effect.sync(() => polls++)
    ).pipe(
      Effect.delay(Duration.seconds(every)),
      Effect.forever,
      Effect.provide(Layer.provide(layerSql, layerStore({ address })), { local: true }),
      // They do not all begin at once.
      Effect.delay(Duration.seconds((every * index) / workers))
    )
  const watch = Effect.sync(() => {
    const count = Number(server.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fovea'"))
    most = Math.max(most, count)
  }).pipe(Effect.delay("1 second"), Effect.forever)
  const before = cpuOf(server.pid())
  await Effect.runPromise(
    Effect.all([watch, ...Array.from({ length: workers }, (_, index) => one(index))], {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.timeoutOption(Duration.seconds(seconds)), Effect.provide(NodeServices.layer))
  )
  const cpuMsPerPoll = (cpuOf(server.pid()) - before) / polls
  return {
    workers,
    everySeconds: every,
    polls,
    cpuMsPerPoll,
    mostConnections: most,
    workersPerCore: (every * 1000) / cpuMsPerPoll
  }
}

/** The time of the same points by one worker, by two, and by one whose batches two shards share. */
const speedUp = async (folder: string, points: number): Promise<SweepResult["speedUp"]> => {
  const seconds = async (name: string, workers: number, shards: number) => {
    const address = `sqlite:${join(folder, `${name}.sqlite`)}`
    return withQueue(address, points, async () => {
      const reports = await runWorkers(address, workers, { batch: 100, shards })
      return Math.max(...reports.map((report) => report.seconds))
    })
  }
  const one = await seconds("one", 1, 1)
  const two = await seconds("two", 2, 1)
  const sharded = await seconds("sharded", 1, 2)
  return {
    points,
    oneSeconds: one,
    twoSeconds: two,
    shardedSeconds: sharded,
    ofTwo: one / two,
    ofShards: one / sharded
  }
}

/** What a queue costs and a second worker gives. `points`: of the sweep by four workers, a tenth of them where it is in Postgres. */
export const measureSweep = (points: number): Effect.Effect<SweepResult> =>
  Effect.promise(async () => {
    const folder = mkdtempSync(join(tmpdir(), "fovea-bench-"))
    const installed = findPostgres()
    const server = typeof installed === "string" ? undefined : await startPostgres(installed)
    try {
      const cost = [await ownCost("sqlite", `sqlite:${join(folder, "cost.sqlite")}`, points)]
      if (server !== undefined) cost.push(await ownCost("postgres", server.url(), Math.ceil(points / 10)))
      const idle = server === undefined ? undefined : await idleCost(server, server.url(), 60, 25)
      return { cost, ...(idle !== undefined && { idle }), speedUp: await speedUp(folder, Math.min(16, points)) }
    } finally {
      await server?.remove()
      rmSync(folder, { recursive: true, force: true })
    }
  })
