import * as Console from "effect/Console"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { ClassifierExperiment, classifierPreset } from "../../domain/experiment/ClassifierExperiment.ts"
import { misfit, SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import {
  bundledPlan,
  decodePlan,
  isPlanName,
  type PlannedRun,
  planNames,
  plannedRuns,
  type ReproductionPlan
} from "../../domain/paper/plan/ReproductionPlan.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { type RunFolder, runFolder } from "../checkpoint/RunFolder.ts"
import { inSteps } from "../paper/inSteps.ts"
import { reportOf } from "../paper/reportOf.ts"
import { classifierStep, reportStep, trainingStep } from "../paper/reproductionSteps.ts"
import { describeProgress, isFinished, standingOf } from "../paper/runProgress.ts"
import { apartFromData } from "./apartFromData.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { classifierFolder } from "./classifierFolder.ts"
import { dataChange, datasetDescription } from "./datasetChoice.ts"
import { damageFlag, printReport, wholeNumber } from "./flags.ts"
import { classifierLayer, datasetLayer, logLayer, storesLayer, workshopLayer } from "./layers.ts"
import { loggingOf, quietFlag, tensorBoardFlag } from "./loggingFlags.ts"
import { filePath } from "./paths.ts"
import { readJsonObject } from "./readJsonObject.ts"
import { queueFlags, queueOf, trainOnQueue } from "./reproduceOnQueue.ts"
import { asUserError, UsageError } from "./userError.ts"

/** Seeds of one experiment at most. */
const mostReplicas = 1000

/** Flags that say which reproduction, and where. */
const planFlags = {
  quick: Flag.Boolean("quick").pipe(
    Flag.withDescription(
      "everything in minutes: a quarter of the main experiment, the modern preset beside it, little of the others, fewer samples"
    ),
    Flag.withDefault(false)
  ),
  plan: filePath("plan").pipe(
    Flag.withDescription(
      `a bundled plan (${planNames.join(", ")}), or a JSON file with one of your own: experiments, and how they are measured`
    ),
    Flag.optional
  ),
  dataset: filePath("dataset").pipe(Flag.withDescription(datasetDescription("the presets'")), Flag.optional),
  seed: wholeNumber("seed", 0).pipe(
    Flag.withDescription("seed of every experiment (default: the experiments' own)"),
    Flag.optional
  ),
  replicas: wholeNumber("replicas", 1, mostReplicas).pipe(
    Flag.withDescription("train every experiment with so many seeds (default: as many as the plan says, usually 1)"),
    Flag.optional
  ),
  out: filePath("out").pipe(
    Flag.withDescription("folder of the reproduction (default: runs/ and the plan's name)"),
    Flag.optional
  ),
  classifier: filePath("classifier").pipe(
    Flag.withDescription(
      "folder of the classifier that judges; trained there if it is empty (default: runs/classifier, or the plan's own)"
    ),
    Flag.optional
  ),
  onDamage: damageFlag,
  backend: backendFlag
}

interface PlanFlags {
  readonly quick: boolean
  readonly plan: Option.Option<string>
  readonly dataset: Option.Option<string>
  readonly seed: Option.Option<number>
  readonly replicas: Option.Option<number>
  readonly out: Option.Option<string>
}

/** What the flags ask for. The runs are never none. */
const planOfFlags = Effect.fnUntraced(function* ({ quick, plan: file, dataset, seed, replicas, out }: PlanFlags) {
  const plan = yield* readPlan(quick, file)
  const choice = {
    seed: Option.getOrUndefined(seed),
    replicas: Option.getOrUndefined(replicas),
    changes: yield* dataChange(dataset)
  }
  const runs = yield* Effect.fromResult(plannedRuns(plan, choice)).pipe(Effect.mapError(inFile(file)))
  return { plan, runs, folder: Option.getOrElse(out, () => `runs/${plan.name}`) }
})

const readPlan = Effect.fnUntraced(function* (quick: boolean, file: Option.Option<string>) {
  if (Option.isNone(file)) return yield* Effect.fromResult(bundledPlan(quick ? "quick" : "reproduction"))
  if (quick) return yield* new UsageError({ flag: "--quick", problem: "contradicts --plan" })
  if (isPlanName(file.value)) return yield* Effect.fromResult(bundledPlan(file.value))
  const exists = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(file.value))
  if (!exists) {
    const problem = `"${file.value}" is neither a file nor a bundled plan; bundled are ${planNames.join(", ")}`
    return yield* new SettingsError({ field: "--plan", problem })
  }
  const json = yield* readJsonObject(file.value, "the plan")
  return yield* Effect.fromResult(decodePlan(json)).pipe(Effect.mapError(inFile(file)))
})

/** Bundled plans are sound: what is wrong is in the file. */
const inFile =
  (file: Option.Option<string>) =>
  ({ field, problem }: SettingsError): SettingsError =>
    new SettingsError({ field: Option.isSome(file) ? `${file.value}: ${field}` : field, problem })

/** How far a run has come, by the names in its folder. */
const standingIn = (folder: string, run: PlannedRun) =>
  Effect.provide(standingOf(run), layerFileSystem({ directory: runFolder(`${folder}/${run.folder}`).checkpoints }))

/** The classifier that measures a reproduction, and its folder: as the plan has it, or the preset's in a folder that was named. */
const classifierOf = Effect.fnUntraced(function* (
  { evaluation: { classifierEpochs: epochs } }: ReproductionPlan,
  folder: string,
  named: Option.Option<string>
) {
  if (Option.isNone(named) && epochs !== undefined) {
    const settings = new ClassifierExperiment({ ...classifierPreset, epochs })
    return { settings, directory: `${folder}/evaluation/classifier` }
  }
  const directory = yield* classifierFolder(Option.getOrElse(named, () => "runs/classifier"))
  return { settings: classifierPreset, directory }
})

/**
 * The classifier's folder has a lock, a log and checkpoints of its own, which those of a training or of the reproduction would
 * be mixed with.
 */
const requireApart = Effect.fnUntraced(function* (classifier: string, folder: string, runs: ReadonlyArray<PlannedRun>) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, basename, resolve, join } = yield* Path.Path
  // By its links resolved, as far as it is there.
  const real = (path: string): Effect.Effect<string> =>
    Effect.catch(fs.realPath(path), () =>
      dirname(path) === path ? Effect.succeed(path) : Effect.map(real(dirname(path)), (up) => join(up, basename(path)))
    )
  const own = yield* real(resolve(classifier))
  const failed = (problem: string) =>
    new SettingsError({ field: "--classifier", problem: `${classifier} is ${problem}: give the classifier another` })
  if (own === (yield* real(resolve(folder)))) return yield* failed("the reproduction's own folder")
  for (const run of runs) {
    const taken = `${folder}/${run.folder}`
    const at = yield* real(resolve(taken))
    if (own === at || own.startsWith(join(at, "/"))) return yield* failed(`in the folder of a training, ${taken}`)
  }
})

/** Settings that do not suit the data are refused before anything is trained, so that no hours are spent on the others first. */
const requireFitting = Effect.fnUntraced(function* (runs: ReadonlyArray<PlannedRun>) {
  const { training } = yield* Dataset
  for (const { experiment, settings } of runs) {
    const problem = misfit(settings, training, training.count)
    if (problem === undefined) continue
    return yield* new SettingsError({ field: `${experiment}: ${problem.field}`, problem: problem.problem })
  }
})

/** A console that says warnings and errors alone. */
const silentConsole = (inner: Console.Console): Console.Console => ({ ...inner, log: () => undefined })

/** `fovea reproduce`. */
export const reproduceCommand = Command.make(
  "reproduce",
  {
    ...planFlags,
    only: Flag.String("only").pipe(
      Flag.withDescription("train only these experiments, by name, with commas between them"),
      Flag.optional
    ),
    list: Flag.Boolean("list").pipe(
      Flag.withDescription("say what there is to do and how far it has come, and do nothing"),
      Flag.withDefault(false)
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("with --list: say it in JSON"), Flag.withDefault(false)),
    ...queueFlags,
    tensorboard: tensorBoardFlag,
    quiet: quietFlag
  },
  ({
    only,
    list,
    json,
    queue,
    store,
    runs: pointRuns,
    jobs,
    tensorboard,
    quiet,
    classifier,
    backend,
    onDamage,
    ...flags
  }) =>
    Effect.gen(function* () {
      if (json && !list) return yield* new UsageError({ flag: "--json", problem: "goes with --list" })
      const queued = yield* queueOf({ queue, store, runs: pointRuns, jobs }, { backend, quiet })
      const stores = (place: RunFolder) => storesLayer(place, onDamage)
      const engine = yield* backendOf(backend)
      const logging = yield* loggingOf({ tensorboard, quiet })
      const { plan, runs, folder } = yield* planOfFlags(flags)
      const wanted = yield* chosen(plan, runs, only)
      const [first] = runs
      if (first === undefined) return
      const { dataset } = first.settings
      if (list) {
        const standings = yield* Effect.provide(
          Effect.forEach(wanted, (run) => Effect.map(standingIn(folder, run), (standing) => ({ run, standing }))),
          datasetLayer(dataset)
        )
        const report = standings.map(({ run, standing }) => ({
          experiment: run.experiment,
          seed: run.seed,
          folder: `${folder}/${run.folder}`,
          ...standing,
          finished: isFinished(standing)
        }))
        const lines = standings.map(
          ({ run, standing }) =>
            `${run.experiment.padEnd(16)} seed ${String(run.seed).padEnd(6)} ${describeProgress(standing)}`
        )
        return yield* printReport(
          json,
          { plan: plan.name, folder, runs: report },
          terminalTable([`${folder}:`, ...lines])
        )
      }
      yield* resultsAreFiles
      const judge = yield* classifierOf(plan, folder, classifier)
      yield* requireApart(judge.directory, folder, runs)
      yield* apartFromData(dataset, folder)
      const work = Effect.gen(function* () {
        yield* requireFitting(wanted)
        if (Option.isSome(queued)) {
          const places = wanted.map((run) => ({ run, place: runFolder(`${folder}/${run.folder}`) }))
          yield* trainOnQueue(plan, places, queued.value, (place, settings) => storesLayer(place, onDamage, settings))
        }
        const trainings = yield* Effect.forEach(wanted, (run) => {
          const place = runFolder(`${folder}/${run.folder}`)
          const needs = Layer.merge(storesLayer(place, onDamage, run.settings), logLayer(place, logging))
          return Effect.map(standingIn(folder, run), (standing) => {
            const step = trainingStep(run, place, standing)
            return { ...step, act: step.act.pipe(Effect.provide(needs), holdFolder(place.folder)) }
          })
        })
        const reproduction = { plan, runs, folder, stores, classifier: judge.settings }
        const classified = yield* classifierStep(judge.settings, dataset)
        const steps = [...trainings, classified, reportStep(reproduction, dataset)]
        type Act = (typeof steps)[number]["act"]
        yield* inSteps<Effect.Error<Act>, Effect.Services<Act>>(steps)
      }).pipe(
        Effect.provide(Layer.merge(workshopLayer(dataset, engine), classifierLayer(judge.directory, logging))),
        holdFolder(folder)
      )
      // Before the data are read and anything is opened, which takes a second or two.
      const title = `Reproduction "${plan.name}" in ${folder}. Ctrl-C checkpoints and stops; the same command goes on from there.`
      const told = Effect.andThen(Console.log(terminalTable([title])), work)
      yield* quiet ? Effect.updateService(told, Console.Console, silentConsole) : told
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Reproduce the paper: train what is not trained yet, draw every figure, measure, and write a report. Can be interrupted anywhere."
  )
)

/** `fovea report`. */
export const reportCommand = Command.make("report", planFlags, ({ classifier, backend, onDamage, ...flags }) =>
  Effect.gen(function* () {
    yield* resultsAreFiles
    const stores = (place: RunFolder) => storesLayer(place, onDamage)
    const engine = yield* backendOf(backend)
    const { plan, runs, folder } = yield* planOfFlags(flags)
    const [first] = runs
    if (first === undefined) return
    const judge = yield* classifierOf(plan, folder, classifier)
    yield* requireApart(judge.directory, folder, runs)
    yield* Console.log(
      terminalTable([`Report on "${plan.name}" in ${folder}: reading the data and what has been trained`])
    )
    yield* reportOf({ plan, runs, folder, stores, classifier: judge.settings }).pipe(
      Effect.provide(
        Layer.merge(workshopLayer(first.settings.dataset, engine), classifierLayer(judge.directory, { quiet: false }))
      ),
      holdFolder(folder)
    )
  }).pipe(asUserError)
).pipe(Command.withDescription("Measure what has been trained of a reproduction, and write its report as it stands."))

const chosen = Effect.fnUntraced(function* (
  plan: ReproductionPlan,
  runs: ReadonlyArray<PlannedRun>,
  only: Option.Option<string>
) {
  if (Option.isNone(only)) return runs
  const names = only.value.split(",").map((name) => name.trim())
  const known = [...new Set(runs.map(({ experiment }) => experiment))]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const problem = `the plan "${plan.name}" has no experiment "${unknown}", but ${known.join(", ")}`
    return yield* new UsageError({ flag: "--only", problem })
  }
  return runs.filter(({ experiment }) => names.includes(experiment))
})
