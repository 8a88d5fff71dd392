import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import { importParameters } from "../exchange/importParameters.ts"
import { choiceFlags } from "./checkpointFlags.ts"
import { announce, jsonFlag, printReport } from "./flags.ts"
import { filePath } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** `fovea import`: a checkpoint out of parameters that another program wrote. */
export const importCommand = Command.make(
  // A template: the test of the architecture takes the word before a quotation mark for a statement.
  `import`,
  {
    parameters: filePath("parameters").pipe(
      Flag.withDescription(
        "safetensors file with tensors under the names that checkpoints use: float16, bfloat16, float32 or float64"
      )
    ),
    like: filePath("like").pipe(
      Flag.withDescription(
        "folder of the run whose model and settings they belong to, or a checkpoint of it; it gives the rest"
      )
    ),
    out: filePath("out").pipe(Flag.withDescription("folder of the new run; it must hold no checkpoints")),
    allowRounding: Flag.Boolean("allow-rounding").pipe(
      Flag.withDescription(
        "round float64 numbers to the nearest float32 ones; without it, what float32 cannot hold is refused"
      ),
      Flag.withDefault(false)
    ),
    json: jsonFlag,
    ...choiceFlags
  },
  ({ parameters, like, out, allowRounding, json, update, epoch, onDamage }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      yield* announce(json, `Reading ${parameters} to make a checkpoint in ${out} of it`)
      const chosen = yield* chosenCheckpoint({ path: like, update, epoch, field: "--like" })
      const saved = yield* importParameters({
        parameters,
        directory: runFolder(out).checkpoints,
        rounding: allowRounding
      }).pipe(Effect.provide(layerChosen(chosen, onDamage)), holdFolder(out))
      yield* printReport(json, saved, terminalTable([saved.path]))
    }).pipe(asUserError)
).pipe(Command.withDescription("Make a checkpoint out of parameters that another program wrote (safetensors)."))
