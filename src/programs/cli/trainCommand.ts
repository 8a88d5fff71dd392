import * as Console from "effect/Console"
import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { misfit } from "../../domain/experiment/ExperimentSettings.ts"
import { fewImages, fitToData } from "../../domain/experiment/fitToData.ts"
import { settingsJson } from "../../domain/experiment/presets.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import { trainWithFigures } from "../paper/trainWithFigures.ts"
import { dryRun, dryRunTable } from "../training/dryRun.ts"
import { runExperiment } from "../training/runExperiment.ts"
import { apartFromData } from "./apartFromData.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { damageFlag, printReport } from "./flags.ts"
import { datasetLayer, logLayer, storesLayer, workshopLayer } from "./layers.ts"
import { loggingOf, quietFlag, tensorBoardFlag } from "./loggingFlags.ts"
import { measuredRun, measureFlag } from "./measuredRun.ts"
import { moduleArgument } from "./paths.ts"
import { settingsFlags } from "./settingsFlags.ts"
import { type AskedSettings, settingsOfFlags } from "./settingsOfFlags.ts"
import { trainModule } from "./trainModule.ts"
import { asUserError, UsageError } from "./userError.ts"
import { watched } from "./watched.ts"

const switchFlag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** `fovea train`. */
export const trainCommand = Command.make(
  "train",
  {
    module: moduleArgument("module").pipe(
      Argument.withDescription("a module of your own that exports a training by default (Training.recipe)"),
      Argument.optional
    ),
    ...settingsFlags,
    figures: switchFlag(
      "figures",
      "draw it as well, every few epochs and at the end: samples, steps, learning curves, what latents do"
    ),
    printSettings: switchFlag("print-settings", "print the settings as --config takes them, and train nothing"),
    dryRun: switchFlag("dry-run", "say what it would come to (data, size, time of an update), and write nothing"),
    json: switchFlag("json", "with --dry-run: say it in JSON"),
    watch: switchFlag(
      "watch",
      "serve a page that shows the run as it learns, and print its address; it ends with the run"
    ),
    allowCommands: switchFlag(
      "allow-commands",
      "obey what a page of fovea watch asks: stop, save a checkpoint, log or draw at other updates"
    ),
    measure: measureFlag,
    tensorboard: tensorBoardFlag,
    quiet: quietFlag,
    onDamage: damageFlag,
    backend: backendFlag
  },
  ({ module, ...all }) => {
    const { figures, printSettings, dryRun: isDry, json, ...flags } = all
    return Effect.gen(function* () {
      if (Option.isSome(module)) return yield* trainModule(module.value, all)
      if (json && !isDry) return yield* new UsageError({ flag: "--json", problem: "goes with --dry-run" })
      if (!isDry && !printSettings) yield* resultsAreFiles
      const asked = yield* settingsOfFlags(flags)
      if (printSettings) return yield* Console.log(JSON.stringify(settingsJson(asked.settings), undefined, 2))
      const { dataset, name } = asked.settings
      const backend = yield* backendOf(flags.backend)
      if (isDry) {
        const { run, notes } = yield* Effect.gen(function* () {
          const fitted = yield* fittedToData(asked)
          return { run: yield* dryRun(fitted.settings), notes: fitted.notes }
        }).pipe(Effect.provide(Layer.merge(datasetLayer(dataset, false), backend)))
        return yield* printReport(json, run, dryRunTable(run, notes))
      }
      const logging = yield* loggingOf(flags)
      const folder = runFolder(Option.getOrElse(flags.out, () => `runs/${name}`))
      yield* apartFromData(dataset, folder.folder)
      const show = (line: string) => (flags.quiet ? Effect.void : Console.log(terminalTable([line])))
      // Loading data and engine takes a while: a sign of life before it.
      yield* show(`${name}: reading the data (${dataset.kind})`)
      yield* Effect.gen(function* () {
        const { settings, notes } = yield* fittedToData(asked)
        for (const note of notes) yield* show(note)
        const few = fewImages(settings, (yield* Dataset).training.count)
        if (few !== undefined) yield* Effect.logWarning(few)
        const train = figures ? trainWithFigures(settings, folder) : runExperiment(settings, () => Effect.succeed([]))
        yield* Effect.provide(
          measuredRun(flags.measure, logging)(train),
          Layer.merge(storesLayer(folder, flags.onDamage, settings), logLayer(folder, logging))
        )
      }).pipe(Effect.provide(workshopLayer(dataset, backend)), watched(folder, flags), holdFolder(folder.folder))
    }).pipe(asUserError)
  }
).pipe(Command.withDescription("Train a model: checkpoints and a log. An interrupted run goes on where it was."))

/** Settings that do not suit the data are refused before a log is opened, so that no folder is left of them. */
const fittedToData = Effect.fnUntraced(function* ({ settings, said }: AskedSettings) {
  const { training } = yield* Dataset
  const fitted = fitToData(settings, said, training.count)
  const problem = misfit(fitted.settings, training, training.count)
  return problem === undefined ? fitted : yield* problem
})
