import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { exportModel } from "../exchange/exportModel.ts"
import { checkpointHelp, choiceFlags } from "./checkpointFlags.ts"
import { jsonFlag, printReport } from "./flags.ts"
import { filePath } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** `fovea export`: a trained model as files for other programs. */
export const exportCommand = Command.make(
  "export",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp)),
    format: Flag.Literals("format", ["onnx"]).pipe(
      Flag.withDescription(
        "onnx (default): generator.onnx, and discriminator.onnx or inference.onnx; standard operators, any batch"
      ),
      Flag.withDefault("onnx")
    ),
    out: filePath("out").pipe(Flag.withDescription("folder to write to; files of the same names are replaced")),
    trajectory: Flag.Boolean("trajectory").pipe(
      Flag.withDescription("the generator also gives its canvases and windows after each step"),
      Flag.withDefault(false)
    ),
    json: jsonFlag,
    ...choiceFlags
  },
  ({ checkpoint: path, update, epoch, out, trajectory, json, onDamage }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      const paths = yield* exportModel({ directory: out, trajectory }).pipe(
        Effect.provide(layerChosen(chosen, onDamage))
      )
      yield* printReport(json, { files: paths }, terminalTable(paths))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Write a trained model as ONNX files: its generator, and its discriminator or what it infers of images."
  )
)
