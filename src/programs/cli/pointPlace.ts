import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { type ExperimentSettings, retentionOf } from "../../domain/experiment/ExperimentSettings.ts"
import { type CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import {
  type DivergedStates,
  layerDivergedStates,
  layerDivergedStatesMemory
} from "../../layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { layerMilestones, layerSqlMilestones, Milestones } from "../../layers/checkpoint/Milestones.ts"
import { layerSql as checkpointsInSql } from "../../layers/checkpoint/sql.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { readBounded } from "../../layers/file/readBounded.ts"
import { layerJsonLines } from "../../layers/log/jsonLines.ts"
import { MAX_LOG_BYTES } from "../../layers/log/readJsonLines.ts"
import { layerSql as logInSql, sqlLogBytes } from "../../layers/log/sql.ts"
import { type TrainingLog, TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { layerLeasedFolder } from "../../layers/queue/leasedFolder.ts"
import { layerSqlRunFiles, RunFiles } from "../../layers/queue/RunFiles.ts"
import type { Lease } from "../../layers/queue/TrainingQueue.ts"
import type { Database } from "../../layers/sql/Database.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import type { KeptRun } from "../sweep/copyRun.ts"
import { loggedIn, type PointFiles } from "../sweep/trainingsOfPoints.ts"

/** Images of a point at most, in bytes. */
const mostImageBytes = 4 * 2 ** 20

/** How many checkpoints of a point are kept, by its settings and the training images; the newest one if it has none. */
export const keepOf = (settings: ExperimentSettings | undefined, count: number) => {
  const rule = settings?.reporting.keepCheckpoints
  if (settings === undefined || rule === undefined) return 1
  return retentionOf(rule, Math.max(1, updatesPerEpoch(count, settings.training.batchSize)))
}

type Keep = ReturnType<typeof keepOf>

/** Where a point's run is kept while a lease holds. */
export interface PointPlace {
  /** In a folder also a `FileSystem` that refuses changes once the lease is lost. */
  readonly layer: Layer.Layer<
    CheckpointStore | DivergedStates | Milestones | TrainingLog,
    CheckpointError | TrainingLogError | PlatformError,
    Database | FileSystem.FileSystem | Path.Path
  >
  readonly files: PointFiles
}

/** A point's run in a folder, which no worker without its lease can change. */
export const placeInFolder = (folder: string, lease: Lease, keep: Keep): PointPlace => {
  const run = runFolder(folder)
  const stores = Layer.mergeAll(
    layerFileSystem({ directory: run.checkpoints, onDamage: "fallback", keep }),
    layerMilestones({ directory: run.milestones }),
    layerDivergedStates({ directory: run.diverged }),
    layerJsonLines(run.log)
  )
  return {
    layer: Layer.provideMerge(stores, layerLeasedFolder(folder, lease)),
    files: { figures: run.figures, keep: () => Effect.void, logged: loggedIn(run.log) }
  }
}

/** A point's run in the database, and its images in a scratch folder as well, which holds those of earlier workers. */
export const placeInDatabase = Effect.fnUntraced(function* (lease: Lease, keep: Keep) {
  const fs = yield* FileSystem.FileSystem
  const { basename, join } = yield* Path.Path
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-point-" })
  const run = lease.point.id
  const kept = yield* Effect.provide(RunFiles, layerSqlRunFiles({ run, lease }))
  for (const name of yield* kept.list) {
    const bytes = yield* kept.get(name)
    if (Option.isSome(bytes)) yield* fs.writeFile(join(folder, name), bytes.value)
  }
  const layer = Layer.mergeAll(
    checkpointsInSql({ run, lease, keep, onDamage: "fallback" }),
    logInSql({ run, lease }),
    layerSqlMilestones({ run, lease }),
    layerDivergedStatesMemory
  )
  const files: PointFiles = {
    figures: folder,
    // The database that has the log has the queue as well.
    logged: Effect.succeed([]),
    keep: (path) => Effect.flatMap(readBounded(fs, path, mostImageBytes), (bytes) => kept.put(basename(path), bytes))
  }
  const place: PointPlace = { layer, files }
  return place
})

/** What a point's run has kept, to be read: in its folder below `runs`, or in the database where there is none. */
export const keptRunOf = (point: string, runs: Option.Option<string>) =>
  Effect.gen(function* () {
    const store = yield* CheckpointStore
    const milestones = yield* Milestones
    const kept: KeptRun = { checkpoints: store, milestones, log: yield* logBytesOf(point, runs) }
    return kept
  }).pipe(Effect.provide(keptLayer(point, runs), { local: true }))

const keptLayer = (
  point: string,
  runs: Option.Option<string>
): Layer.Layer<CheckpointStore | Milestones, CheckpointError, Database | FileSystem.FileSystem | Path.Path> => {
  if (Option.isNone(runs)) {
    return Layer.merge(checkpointsInSql({ run: point, onDamage: "fallback" }), layerSqlMilestones({ run: point }))
  }
  const { checkpoints, milestones } = runFolder(`${runs.value}/${point}`)
  return Layer.merge(
    layerFileSystem({ directory: checkpoints, onDamage: "fallback" }),
    layerMilestones({ directory: milestones })
  )
}

const logBytesOf = Effect.fnUntraced(function* (point: string, runs: Option.Option<string>) {
  if (Option.isNone(runs)) return yield* sqlLogBytes(point)
  const fs = yield* FileSystem.FileSystem
  const { log } = runFolder(`${runs.value}/${point}`)
  return yield* Effect.mapError(
    readBounded(fs, log, MAX_LOG_BYTES),
    (cause) => new TrainingLogError({ log, action: "read", reason: explain(cause) })
  )
})
