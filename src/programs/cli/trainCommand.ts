import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { runFolder } from "../RunFolder.ts"
import { runExperiment } from "../runExperiment.ts"
import { trainWithFigures } from "../trainWithFigures.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { damageFlag } from "./damageFlag.ts"
import { runLayers } from "./layers.ts"
import { loggingOf, quietFlag, tensorBoardFlag } from "./loggingFlags.ts"
import { settingsFlags } from "./settingsFlags.ts"
import { settingsOfFlags } from "./settingsOfFlags.ts"
import { asUserError } from "./userError.ts"

/** `fovea train`. */
export const trainCommand = Command.make(
  "train",
  {
    ...settingsFlags,
    figures: Flag.Boolean("figures").pipe(
      Flag.withDescription("draw the paper's figures of it as well, every few epochs and at the end"),
      Flag.withDefault(false)
    ),
    tensorboard: tensorBoardFlag,
    quiet: quietFlag,
    onDamage: damageFlag,
    backend: backendFlag
  },
  ({ figures, ...flags }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const backend = yield* backendOf(flags.backend)
      const logging = yield* loggingOf(flags)
      const { settings } = yield* settingsOfFlags(flags)
      const folder = runFolder(Option.getOrElse(flags.out, () => `runs/${settings.name}`))
      const train = figures ? trainWithFigures(settings, folder) : runExperiment(settings, () => Effect.succeed([]))
      yield* Effect.provide(train, runLayers(folder, logging, settings, backend, flags.onDamage)).pipe(
        holdFolder(folder.folder)
      )
    }).pipe(asUserError)
).pipe(Command.withDescription("Train a model: checkpoints and a log. An interrupted run goes on where it was."))
