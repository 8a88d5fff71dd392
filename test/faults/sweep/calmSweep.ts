import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import { layerStore } from "../../../src/layers/onDemand.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { type SweepPoint, TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { tinyJson } from "../../programs/training/tinyExperiment.ts"
import { start } from "../smallRun.ts"

/** Tiny trainings of so many epochs of six updates, with a checkpoint after each, one for each seed. */
export interface TinySweep {
  readonly engine: "reference" | "onnxruntime"
  readonly points: number
  readonly epochs: number
}

/** Seconds of a lease: the least that a worker takes. */
export const leaseSeconds = 2

/** The arguments of a worker. */
export const workerOn = (address: string, { engine }: TinySweep): ReadonlyArray<string> => [
  ...["worker", "--store", address, "--backend", engine, "--lease", String(leaseSeconds)]
]

/** A store as the tests look into it. */
export const openStore = (address: string) => {
  const store = ManagedRuntime.make(
    layerSql.pipe(Layer.provideMerge(layerStore({ address })), Layer.provideMerge(NodeServices.layer))
  )
  return {
    queue: <A, E>(use: (queue: TrainingQueue["Service"]) => Effect.Effect<A, E>) =>
      store.runPromise(TrainingQueue.use(use)),
    rows: <A extends object>(statement: string) =>
      store.runPromise(Database.use(({ read, sql }) => read("look", sql.unsafe<A>(statement)))),
    close: () => store.dispose()
  }
}

/** The digests of the last states of all points, by their ids in order. */
export const statesIn = async ({
  queue
}: ReturnType<typeof openStore>): Promise<ReadonlyArray<readonly [string, unknown]>> => {
  const results = await queue((opened) => opened.results("tiny"))
  return results
    .map(({ point, result }) => [point.id, JSON.parse(Option.getOrElse(result, () => "{}")).state] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

/** A sweep as the command line submits it, and the states that it comes to where nobody disturbs it. */
export interface CalmSweep {
  readonly plan: string
  readonly points: ReadonlyArray<SweepPoint>
  readonly states: ReadonlyArray<readonly [string, unknown]>
  /** What one of its points took on this machine, as busy as it was. */
  readonly millisPerPoint: number
}

const known = new Map<string, Promise<CalmSweep>>()

/** Trains a sweep by one worker that nobody disturbs; once for all parts that ask for the same. */
export const calmSweep = (sweep: TinySweep): Promise<CalmSweep> => {
  const key = JSON.stringify([sweep.engine, sweep.points, sweep.epochs])
  const calm = known.get(key) ?? trainCalmly(sweep)
  known.set(key, calm)
  return calm
}

const trainCalmly = async (sweep: TinySweep): Promise<CalmSweep> => {
  const folder = mkdtempSync(join(tmpdir(), "fovea-calm-"))
  const address = `sqlite:${join(folder, "store.sqlite")}`
  const run = async (args: ReadonlyArray<string>): Promise<void> => {
    const { code, stderr, stdout } = await start(args).ended
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stdout}${stderr}`)
  }
  try {
    const file = join(folder, "plan.json")
    const { name: _, ...settings } = tinyJson
    const reporting = { logEveryUpdates: 6, checkpointEveryEpochs: 1, picturesEveryEpochs: 1000 }
    const training = { ...Object(settings["training"]), epochs: sweep.epochs }
    writeFileSync(
      file,
      JSON.stringify({ name: "tiny", settings: { ...settings, training, reporting }, seeds: sweep.points })
    )
    await run(["sweep", "submit", file, "--store", address, "--backend", sweep.engine])
    const began = performance.now()
    await run(workerOn(address, sweep))
    const millisPerPoint = (performance.now() - began) / sweep.points
    const store = openStore(address)
    try {
      const plan = await store.queue((opened) => opened.plan("tiny"))
      const records = await store.queue((opened) => opened.results("tiny"))
      return { plan, points: records.map(({ point }) => point), states: await statesIn(store), millisPerPoint }
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
