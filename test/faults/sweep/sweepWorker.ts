// A worker of the fault tests: trains tiny points of a store whose state lies in the database. Arguments: one JSON object.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { layerDivergedStatesMemory } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { layerMilestonesMemory } from "../../../src/layers/checkpoint/Milestones.ts"
import { layerSql as layerSqlCheckpoints } from "../../../src/layers/checkpoint/sql.ts"
import { layerSql as layerSqlLog } from "../../../src/layers/log/sql.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerOnnxRuntime, layerStore } from "../../../src/layers/onDemand.ts"
import { holdLease } from "../../../src/layers/queue/holdLease.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { type Lease, LeaseTimes, TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { StorePatience } from "../../../src/layers/sql/Database.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { layerTinyData } from "../../programs/training/tinyExperiment.ts"
import { pointSettings, type WorkerSettings } from "./sweepPoints.ts"

const settings: WorkerSettings = JSON.parse(process.argv[2] ?? "{}")

const train = (lease: Lease) =>
  Effect.gen(function* () {
    const log = yield* TrainingLog
    const reporting = TrainingLog.of({
      record: (event) =>
        Effect.andThen(
          log.record(event),
          event._tag === "Progress"
            ? Effect.orDie(lease.report({ update: event.update, of: event.update, measures: {} }))
            : Effect.void
        )
    })
    const { snapshot } = yield* Effect.provideService(
      runExperiment(pointSettings(lease.point.payload), () => Effect.succeed([])),
      TrainingLog,
      reporting
    )
    console.log(`trained ${lease.point.id}`)
    yield* lease.finish(JSON.stringify({ update: snapshot.update }))
  }).pipe(
    holdLease(lease),
    Effect.provide(
      Layer.mergeAll(
        layerSqlCheckpoints({ run: lease.point.id, lease }),
        layerSqlLog({ run: lease.point.id, lease }),
        layerMilestonesMemory,
        layerDivergedStatesMemory
      ),
      { local: true }
    ),
    Effect.catchTag("LeaseLostError", ({ message }) => Effect.sync(() => console.log(message)))
  )

const work = Effect.gen(function* () {
  const queue = yield* TrainingQueue
  const worker = { name: settings.name, versions: [1], engine: settings.engine }
  console.log("ready")
  for (;;) {
    const lease = yield* queue.claim(worker)
    if (Option.isSome(lease)) {
      yield* train(lease.value)
      continue
    }
    const { running, waiting } = yield* queue.outlook(worker)
    if (running + waiting === 0) return
    yield* Effect.sleep("100 millis")
  }
})

work.pipe(
  Effect.provide(
    Layer.mergeAll(
      layerSql.pipe(Layer.provideMerge(layerStore({ address: settings.address }))),
      layerTinyData,
      settings.engine === "reference" ? layerReference : layerOnnxRuntime
    ).pipe(Layer.provideMerge(NodeServices.layer))
  ),
  Effect.provideService(StorePatience, { patience: Duration.infinity, answer: Duration.millis(settings.answerMillis) }),
  Effect.provideService(LeaseTimes, {
    lease: Duration.millis(settings.leaseMillis),
    beat: Duration.millis(settings.leaseMillis / 4),
    fruitless: 1000
  }),
  NodeRuntime.runMain
)
