import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { windowsTable } from "../../domain/metrics/windowsTable.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { measureWindows } from "../evaluation/measureWindows.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { checkpointHelp, choiceFlags } from "./checkpointFlags.ts"
import { announce, jsonFlag, printReport, wholeNumber } from "./flags.ts"
import { filePath } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** Chance takes every image with the windows of every other. */
const mostImages = 5_000

/** `fovea windows`: whether a generator's windows go to what it draws. */
export const windowsCommand = Command.make(
  "windows",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp)),
    count: wholeNumber("count", 2, mostImages).pipe(
      Flag.withDescription("how many images to draw (default: 1000)"),
      Flag.withDefault(1000)
    ),
    seed: wholeNumber("seed", 0).pipe(Flag.withDescription("seed of the latents (default: the run's)"), Flag.optional),
    json: jsonFlag,
    ...choiceFlags,
    backend: backendFlag
  },
  ({ checkpoint: path, update, epoch, count, seed, json, onDamage, backend }) =>
    Effect.gen(function* () {
      const engine = yield* backendOf(backend)
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      yield* announce(json, `Opening ${path} to follow the windows of ${count} images`)
      const measured = yield* measureWindows({ count, seed: Option.getOrUndefined(seed) }).pipe(
        Effect.provide(Layer.merge(engine, layerChosen(chosen, onDamage)))
      )
      const source = `${count} images of ${path}, update ${measured.update}, latents of seed ${measured.seed}`
      yield* printReport(json, { source, ...measured }, windowsTable(source, measured))
    }).pipe(asUserError)
).pipe(Command.withDescription("Measure whether the windows of a generator go to what it draws, against chance."))
