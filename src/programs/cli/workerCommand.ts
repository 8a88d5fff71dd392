import * as Console from "effect/Console"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { pointText } from "../../domain/sweep/page/valueText.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { layerSilent } from "../../layers/log/TrainingLog.ts"
import { ThisProcess } from "../../layers/machine/thisProcess.ts"
import { layerSharp } from "../../layers/onDemand.ts"
import { ownProcess, parentGone } from "../../layers/process/ownProcess.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { work } from "../sweep/work.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { wholeNumber } from "./flags.ts"
import { quietFlag } from "./loggingFlags.ts"
import { pointTrainer } from "./pointTrainer.ts"
import { leaseFlag, runsFlag, runsFolder, storeAddress, storeFlag, storeLayer, workerTimes } from "./storeFlag.ts"
import { asUserError } from "./userError.ts"

/** Processes that one command starts at most. */
export const mostJobs = 256

/** The flag `--jobs`. */
export const jobsFlag = wholeNumber("jobs", 1, mostJobs)

/** What a worker needs to know. */
export interface WorkerFlags {
  readonly store: Option.Option<string>
  readonly runs: Option.Option<string>
  readonly sweep: Option.Option<string>
  readonly lease: number
  readonly stay: boolean
  readonly quiet: boolean
  readonly backend: Option.Option<string>
}

/** Workers that were started by a command, and did not end well; each has said why. */
class WorkersFailedError extends Schema.TaggedError<WorkersFailedError>()("WorkersFailedError", {
  failed: Schema.Int,
  jobs: Schema.Int
}) {
  override get message(): string {
    return `${this.failed} of ${this.jobs} workers ended with an error, which ${this.failed === 1 ? "it" : "each"} has told above`
  }
}

/** `fovea worker`. */
export const workerCommand = Command.make(
  "worker",
  {
    store: storeFlag,
    jobs: jobsFlag.pipe(
      Flag.withDescription("processes that train at the same time, each one point (default: 1)"),
      Flag.withDefault(1)
    ),
    sweep: Flag.String("sweep").pipe(
      Flag.withDescription("train the points of this sweep alone (default: of all in the store)"),
      Flag.optional
    ),
    runs: runsFlag,
    lease: leaseFlag,
    stay: Flag.Boolean("stay").pipe(
      Flag.withDescription("wait for further sweeps when all points are done, instead of ending"),
      Flag.withDefault(false)
    ),
    quiet: quietFlag,
    backend: backendFlag
  },
  ({ jobs, ...flags }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      yield* jobs === 1 ? workHere(flags) : workInProcesses(flags, jobs)
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Train points of sweeps, one after the other, until none is left. Any number of workers may share a store; one that dies loses nothing."
  )
)

/** One worker, in this process. It ends when the command that started it does. */
export const workHere = Effect.fnUntraced(function* (
  flags: WorkerFlags
): Effect.fn.Return<void, Error, FileSystem.FileSystem | Path.Path> {
  const address = yield* storeAddress(flags.store)
  const backend = yield* backendOf(flags.backend)
  const runs = runsFolder(address, flags.runs)
  const { process, host } = yield* ThisProcess
  const show = (line: string) => (flags.quiet ? Effect.void : Console.log(terminalTable([line])))
  const working = Effect.gen(function* () {
    const { name: engine } = yield* TensorBackend
    yield* work({
      name: `${host}:${process}`,
      engine,
      only: Option.getOrUndefined(flags.sweep),
      stay: flags.stay,
      train: yield* pointTrainer(runs),
      told: ({ sweep, attempt }, point, { outcome, reason, update, seconds }) =>
        show(
          `${sweep}, ${pointText(point)}: ${outcome} after ${formatCount(update)} of ${formatCount(point.updates)} updates, ${seconds.toFixed(1)} s${attempt > 1 ? `, taken ${attempt} times` : ""}${reason === undefined ? "" : ` (${reason})`}`
        )
    })
  })
  const layer = Layer.mergeAll(storeLayer(address, false), backend, layerSharp, layerSilent)
  yield* Effect.raceFirst(
    working.pipe(Effect.provide(layer), Effect.provide(workerTimes(flags.lease), { local: true })),
    parentGone
  )
})

/** Workers in processes of their own: an engine computes on the thread that a process has. */
export const workInProcesses = Effect.fnUntraced(function* (flags: WorkerFlags, jobs: number) {
  const args = [
    ...["worker", "--lease", String(flags.lease)],
    ...flagWith("--store", Option.some(yield* storeAddress(flags.store))),
    ...flagWith("--runs", flags.runs),
    ...flagWith("--sweep", flags.sweep),
    ...flagWith("--backend", flags.backend),
    ...(flags.stay ? ["--stay"] : []),
    ...(flags.quiet ? ["--quiet"] : [])
  ]
  const codes = yield* Effect.all(
    Array.from({ length: jobs }, () => Effect.flatMap(ownProcess(args), ({ exitCode }) => exitCode)),
    { concurrency: "unbounded" }
  ).pipe(Effect.scoped)
  const failed = codes.filter((code) => code !== 0).length
  if (failed > 0) return yield* new WorkersFailedError({ failed, jobs })
})

const flagWith = (flag: string, value: Option.Option<string>): ReadonlyArray<string> =>
  Option.match(value, { onNone: () => [], onSome: (text) => [flag, text] })
