import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { exportModel } from "../exchange/exportModel.ts"
import { exportProgram } from "../exchange/exportProgram.ts"
import { checkpointHelp, choiceFlags, moduleFlag } from "./checkpointFlags.ts"
import { announce, jsonFlag, printReport } from "./flags.ts"
import { openModuleCheckpoint } from "./moduleCheckpoint.ts"
import { filePath } from "./paths.ts"
import { asModuleError } from "./recipeModule.ts"
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
    module: moduleFlag,
    ...choiceFlags
  },
  ({ checkpoint: path, update, epoch, out, trajectory, json, onDamage, module }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      yield* announce(json, `Opening ${path} to write its networks to ${out}`)
      const paths = yield* Effect.gen(function* () {
        if (Option.isSome(module)) return yield* exportModule(module.value, out).pipe(asModuleError(module.value))
        return yield* exportModel({ directory: out, trajectory })
      }).pipe(Effect.provide(layerChosen(chosen, onDamage)))
      yield* printReport(json, { files: paths }, terminalTable(paths))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Write a trained model as ONNX files: its generator, and its discriminator or what it infers of images."
  )
)

const exportModule = Effect.fnUntraced(function* (module: string, directory: string) {
  const { sampler, tensors } = yield* openModuleCheckpoint(module)
  const path = `${directory}/sampler.onnx`
  yield* exportProgram(sampler, tensors, path)
  return [path]
})
