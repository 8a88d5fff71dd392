import { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { runExperiment } from "../runExperiment.ts"
import { trainWithFigures } from "../trainWithFigures.ts"
import { settingsFlags, settingsOfFlags } from "./flags.ts"
import { type RunFolder, runFolder, runLayers } from "./layers.ts"
import { asUserError } from "./userError.ts"

/** A command that trains in a folder by the settings that the flags ask for. */
const trainingCommand = <Name extends string, E extends Error, R>(
  name: Name,
  description: string,
  train: (settings: ExperimentSettings, folder: RunFolder) => Effect.Effect<unknown, E, R>
) =>
  Command.make(name, settingsFlags, (flags) =>
    Effect.gen(function* () {
      const settings = yield* settingsOfFlags(flags)
      const folder = runFolder(Option.getOrElse(flags.out, () => `runs/${settings.name}`))
      yield* Effect.provide(train(settings, folder), runLayers(folder, settings.dataset))
    }).pipe(asUserError)
  ).pipe(Command.withDescription(description))

/** `fovea train`. */
export const trainCommand = trainingCommand(
  "train",
  "Train a model: checkpoints and a log, no pictures. An interrupted run goes on where it was.",
  (settings) => runExperiment(settings, () => Effect.succeed([]))
)

/** `fovea reproduce`. */
export const reproduceCommand = trainingCommand(
  "reproduce",
  "Reproduce one of the paper's trainings on MNIST (the main one by default): train, and draw its figures.",
  trainWithFigures
)
