import * as Console from "effect/Console"
import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { decodeSweepPlan } from "../../domain/sweep/SweepPlan.ts"
import { type SweepTally, statusTable } from "../../domain/sweep/statusTable.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { layerSilent } from "../../layers/log/TrainingLog.ts"
import { layerSharp } from "../../layers/onDemand.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { gatherSweep, withMeasures } from "../sweep/sweepResults.ts"
import { writeSweepResults } from "../sweep/writeSweepResults.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { jsonFlag, printReport } from "./flags.ts"
import { quietFlag } from "./loggingFlags.ts"
import { measuredPoints, type PointMeasuring } from "./measuredPoints.ts"
import { filePath, pathArgument } from "./paths.ts"
import { leaseFlag, runsFlag, storeFlag, withStore } from "./storeFlag.ts"
import { pointsOfPlan, readSweepPlan, submitPlan } from "./sweepPlanFile.ts"
import { follow, tallies } from "./sweepStatus.ts"
import { PointsFailedError, trainSweep } from "./trainSweep.ts"
import { asUserError } from "./userError.ts"
import { jobsFlag } from "./workerCommand.ts"

const nameArgument = Argument.String("name").pipe(Argument.withDescription("the sweep's name, as its plan has it"))
const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withDescription("queue the plan however many points it has"),
  Flag.withDefault(false)
)
const planArgument = pathArgument("plan").pipe(
  Argument.withDescription("a JSON file with the plan; see docs/sweeps.md")
)
const outFlag = filePath("out").pipe(
  Flag.withDescription("folder of the results (default: runs/ and the sweep's name)"),
  Flag.optional
)

const submitCommand = Command.make(
  "submit",
  { plan: planArgument, store: storeFlag, yes: yesFlag, backend: backendFlag },
  ({ plan: file, store, yes, backend }) =>
    Effect.gen(function* () {
      const plan = yield* readSweepPlan(file)
      const layer = Layer.mergeAll(yield* backendOf(backend), layerSharp, layerSilent)
      const planned = yield* Effect.provide(pointsOfPlan(file, plan, yes), layer)
      const { added, present, finished } = yield* withStore(store, true, submitPlan(plan, planned))
      yield* Console.log(terminalTable([submittedLine(plan.name, { added, present, finished })]))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Queue the points of a plan; those that are finished anywhere in the store are not trained again."
  )
)

const submittedLine = (
  name: string,
  { added, present, finished }: { readonly added: number; readonly present: number; readonly finished: number }
): string => {
  const known = present === 0 ? "" : `, ${formatCount(present)} were there (${formatCount(finished)} finished)`
  return `${name}: ${countOf(added + present)}, ${formatCount(added)} new${known}`
}

const countOf = (points: number): string => `${formatCount(points)} ${points === 1 ? "point" : "points"}`

const statusText = (found: ReadonlyArray<SweepTally>): string =>
  terminalTable(found.length === 0 ? ["There are no sweeps in this store."] : statusTable(found))

const statusCommand = Command.make(
  "status",
  { name: Argument.optional(nameArgument), store: storeFlag, json: jsonFlag },
  ({ name, store, json }) =>
    Effect.gen(function* () {
      const found = yield* withStore(store, false, tallies(name))
      yield* printReport(json, found, statusText(found))
    }).pipe(asUserError)
).pipe(
  Command.withDescription("Say how sweeps stand: points waiting, running, finished, failed, and what is being trained.")
)

const watchCommand = Command.make("watch", { name: nameArgument, store: storeFlag }, ({ name, store }) =>
  withStore(store, false, follow(name)).pipe(asUserError)
).pipe(Command.withDescription("Tell of a sweep as it goes on, until it is over."))

const cancelCommand = Command.make("cancel", { name: nameArgument, store: storeFlag }, ({ name, store }) =>
  withStore(
    store,
    false,
    Effect.gen(function* () {
      const ended = yield* TrainingQueue.use((queue) => queue.cancel(name))
      yield* Console.log(terminalTable([`${name}: ${countOf(ended)} will not be trained`]))
    })
  ).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Train no further points of a sweep; those being trained end before their next update. Submitting it again takes that back."
  )
)

const retryCommand = Command.make("retry", { name: nameArgument, store: storeFlag }, ({ name, store }) =>
  withStore(
    store,
    false,
    Effect.gen(function* () {
      const waiting = yield* TrainingQueue.use((queue) => queue.retry(name))
      yield* Console.log(terminalTable([`${name}: ${countOf(waiting)} to be trained again`]))
    })
  ).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Let the failed and cancelled points of a sweep be trained again, from their last checkpoints."
  )
)

/** Flags by which points are measured, where the plan asks for it. */
const measuringFlags = {
  runs: runsFlag,
  classifier: filePath("classifier").pipe(
    Flag.withDescription(
      'where a plan says "measure": folder of the classifier that measures; trained there if it is empty (default: runs/classifier)'
    ),
    Flag.optional
  ),
  quiet: quietFlag,
  backend: backendFlag
}

/** Writes the results of a sweep, and says where. */
const writeResults = Effect.fnUntraced(function* (
  name: string,
  { out, ...flags }: Omit<PointMeasuring, "folder"> & { readonly out: Option.Option<string> }
) {
  const found = yield* gatherSweep(name)
  const folder = Option.getOrElse(out, () => `runs/${name}`)
  const asked = Option.flatMap(Result.getSuccess(decodeSweepPlan(found.results.plan)), ({ measure }) =>
    Option.fromUndefinedOr(measure)
  )
  const gathered = Option.isNone(asked)
    ? found
    : withMeasures(found, yield* measuredPoints(name, found.results.points, asked.value.samples, { ...flags, folder }))
  const written = yield* writeSweepResults(gathered, folder)
  yield* Console.log(terminalTable([`The results are ${Object.values(written).join(", ")}`]))
  return gathered.results
})

const resultsCommand = Command.make(
  "results",
  { name: nameArgument, store: storeFlag, out: outFlag, ...measuringFlags },
  ({ name, ...flags }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      yield* withStore(flags.store, false, writeResults(name, flags))
    }).pipe(asUserError)
).pipe(Command.withDescription("Write what came of a sweep, finished or not: a page, results.json and results.csv."))

const runCommand = Command.make(
  "run",
  {
    plan: planArgument,
    store: storeFlag,
    jobs: jobsFlag.pipe(
      Flag.withDescription("processes that train at the same time (default: one for each core)"),
      Flag.optional
    ),
    lease: leaseFlag,
    out: outFlag,
    yes: yesFlag,
    ...measuringFlags
  },
  ({ plan: file, jobs, out, yes, classifier, ...flags }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const plan = yield* readSweepPlan(file)
      const layer = Layer.mergeAll(yield* backendOf(flags.backend), layerSharp, layerSilent)
      const planned = yield* Effect.provide(pointsOfPlan(file, plan, yes), layer, { local: true })
      const submitted = yield* withStore(flags.store, true, submitPlan(plan, planned))
      if (!flags.quiet) yield* Console.log(terminalTable([submittedLine(plan.name, submitted)]))
      const left = submitted.added + submitted.present - submitted.finished
      const results = yield* withStore(
        flags.store,
        false,
        Effect.andThen(
          trainSweep(plan.name, { ...flags, jobs, left }),
          writeResults(plan.name, { ...flags, classifier, out })
        )
      )
      const failed = results.points.filter(({ standing }) => standing === "failed")
      if (failed.length > 0) {
        const first = failed[0]?.reason ?? "no reason that is known"
        return yield* new PointsFailedError({ sweep: plan.name, failed: failed.length, first })
      }
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Do all of it on this machine: queue a plan, train its points on all cores, write the results. Interrupted, the same command goes on."
  )
)

/** `fovea sweep`. */
export const sweepCommand = Command.make("sweep").pipe(
  Command.withDescription(
    "Many trainings: a plan's settings and seeds, on any number of workers and machines, as one comparison."
  ),
  Command.withSubcommands([
    runCommand,
    submitCommand,
    statusCommand,
    watchCommand,
    resultsCommand,
    cancelCommand,
    retryCommand
  ])
)
