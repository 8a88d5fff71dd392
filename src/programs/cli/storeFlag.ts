import { Flag } from "effect/cli"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { layerStore } from "../../layers/onDemand.ts"
import { pointsFolder } from "../../layers/queue/leasedFolder.ts"
import { layerSql } from "../../layers/queue/sql.ts"
import { LeaseTimes } from "../../layers/queue/TrainingQueue.ts"
import { StorePatience } from "../../layers/sql/Database.ts"
import { environmentVariable } from "./environment.ts"
import { wholeNumber } from "./flags.ts"
import { filePath, homePath } from "./paths.ts"
import { UsageError } from "./userError.ts"

/** The variable of the environment that names a store where no flag does. */
const variable = "FOVEA_STORE"
const usualStore = "sqlite:runs/sweeps.sqlite"

/** The flag `--store`. */
export const storeFlag = Flag.String("store").pipe(
  Flag.withMetavar("address"),
  Flag.withDescription(
    `where sweeps are kept: sqlite:FILE on one machine, postgres://USER@HOST:PORT/DATABASE for several; a password only by PGPASSWORD or PGPASSFILE (default: ${variable} of the environment, or else ${usualStore})`
  ),
  Flag.optional
)

/** The flag `--lease`. */
export const leaseFlag = wholeNumber("lease", 2, 86_400).pipe(
  Flag.withDescription("seconds of silence after which a worker's point is given to another (default: 60)"),
  Flag.withDefault(60)
)

/** The flag `--runs`. */
export const runsFlag = filePath("runs").pipe(
  Flag.withDescription(
    "folder of the points' runs, the same for all workers of a store (default: points/ beside an SQLite store; with Postgres, none: checkpoints, logs and images are kept in the database)"
  ),
  Flag.optional
)

/** The address of a store: the flag's, else the environment's, else that in `runs/`. */
export const storeAddress = Effect.fnUntraced(function* (flag: Option.Option<string>) {
  const configured = yield* environmentVariable(variable)
  const given = Option.getOrElse(
    Option.orElse(flag, () => configured),
    () => usualStore
  )
  const file = /^sqlite:(.*)$/s.exec(given)?.[1]
  if (file === undefined) {
    // What was given is not repeated: it may hold a password.
    return /^postgres(ql)?:/.test(given)
      ? given
      : yield* new UsageError({
          flag: "--store",
          problem: "expected sqlite:FILE or postgres://USER@HOST:PORT/DATABASE"
        })
  }
  const path = yield* Effect.mapError(
    file.trim() === "" ? Effect.fail("the path of a file behind sqlite:") : homePath(file),
    (expected) => new UsageError({ flag: "--store", problem: `expected ${expected}` })
  )
  return `sqlite:${path}`
})

/** The folder of points' runs that goes with a store; none where the database keeps them. */
export const runsFolder = (address: string, flag: Option.Option<string>): Option.Option<string> =>
  Option.orElse(flag, () => Option.fromUndefinedOr(pointsFolder(address)))

/** Queue and database of a store. `create`: whether one is made where there is none. */
export const storeLayer = (address: string, create: boolean) =>
  Layer.provideMerge(layerSql, layerStore({ address, create }))

/** Does something with the queue of the store that a flag names. */
export const withStore = <A, E, R>(store: Option.Option<string>, create: boolean, effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(storeAddress(store), (address) => Effect.provide(effect, storeLayer(address, create), { local: true }))

/** What of time a worker's queue is asked with: leases of this many seconds, and a database that is waited for without end. */
export const workerTimes = (lease: number) =>
  Layer.mergeAll(
    Layer.succeed(LeaseTimes, {
      lease: Duration.seconds(lease),
      beat: Duration.seconds(lease / 4),
      fruitless: 10
    }),
    Layer.effect(
      StorePatience,
      Effect.map(StorePatience, (times) => ({ ...times, patience: Duration.infinity }))
    )
  )
