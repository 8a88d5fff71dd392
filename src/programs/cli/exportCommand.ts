import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { exportModel } from "../exchange/exportModel.ts"
import { exportPage, exportSamplerPage } from "../exchange/exportPage.ts"
import { exportProgram } from "../exchange/exportProgram.ts"
import { asModuleError } from "../training/recipeModule.ts"
import { checkpointHelp, choiceFlags, moduleFlag } from "./checkpointFlags.ts"
import { announce, jsonFlag, printReport } from "./flags.ts"
import { openModuleCheckpoint } from "./moduleCheckpoint.ts"
import { filePath } from "./paths.ts"
import { asUserError, UsageError } from "./userError.ts"

/** `fovea export`: a trained model as files for other programs. */
export const exportCommand = Command.make(
  "export",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp)),
    format: Flag.Literals("format", ["onnx", "web"]).pipe(
      Flag.withDescription(
        "onnx (default): generator.onnx, and discriminator.onnx or inference.onnx; standard operators, any batch. web: one HTML page on which anyone plays with the generator"
      ),
      Flag.withDefault("onnx")
    ),
    out: filePath("out").pipe(
      Flag.withDescription("onnx: folder to write to; web: file to write. Files of the same names are replaced")
    ),
    trajectory: Flag.Boolean("trajectory").pipe(
      Flag.withDescription("the generator also gives its canvases and windows after each step"),
      Flag.withDefault(false)
    ),
    json: jsonFlag,
    module: moduleFlag,
    ...choiceFlags
  },
  ({ checkpoint: path, format, update, epoch, out, trajectory, json, onDamage, module }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      if (format === "web" && trajectory) {
        const problem = "a page (--format web) has the steps of a generator that draws in steps without being asked"
        return yield* new UsageError({ flag: "--trajectory", problem })
      }
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      yield* announce(json, `Opening ${path} to write its networks to ${out}`)
      if (format === "web") {
        const page = yield* pageOf(module, out).pipe(Effect.provide(layerChosen(chosen, onDamage)))
        const [all, engine] = [page.bytes, page.engineBytes].map(megabytes)
        const text = terminalTable([`${page.path}: ${all}, of which ${engine} are the engine; open it in a browser`])
        return yield* printReport(json, { files: [page.path], bytes: page.bytes, engineBytes: page.engineBytes }, text)
      }
      const paths = yield* Effect.gen(function* () {
        if (Option.isSome(module)) return yield* exportModule(module.value, out).pipe(asModuleError(module.value))
        return yield* exportModel({ directory: out, trajectory })
      }).pipe(Effect.provide(layerChosen(chosen, onDamage)))
      yield* printReport(json, { files: paths }, terminalTable(paths))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Write a trained model for other programs: as ONNX files, its generator and its discriminator or what it infers of images, or as a page for a browser."
  )
)

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** The page of a run's generator, or of a module's sampler. */
const pageOf = Effect.fnUntraced(function* (module: Option.Option<string>, out: string) {
  if (Option.isNone(module)) return yield* exportPage(out)
  const { sampler, tensors, update } = yield* openModuleCheckpoint(module.value)
  return yield* asModuleError(module.value)(exportSamplerPage(sampler, tensors, { path: out, update }))
})

const exportModule = Effect.fnUntraced(function* (module: string, directory: string) {
  const { sampler, tensors } = yield* openModuleCheckpoint(module)
  const path = `${directory}/sampler.onnx`
  yield* exportProgram(sampler, tensors, path)
  return [path]
})
