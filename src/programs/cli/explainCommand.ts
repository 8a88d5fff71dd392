import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { explanationTable, programListing } from "../../domain/explain/explanationTable.ts"
import { quotedText, terminalTable } from "../../domain/text/terminalText.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { NoCheckpointError } from "../checkpoint/openCheckpoint.ts"
import { explainHere, programForData, programOf } from "../explain/explainTraining.ts"
import { asModuleError } from "../training/recipeModule.ts"
import { type ChoiceFlags, checkpointHelp, choiceFlags } from "./checkpointFlags.ts"
import { jsonFlag, printReport } from "./flags.ts"
import { datasetLayer } from "./layers.ts"
import { filePath, moduleArgument } from "./paths.ts"
import { loadProgram } from "./programModule.ts"
import { settingsFlags } from "./settingsFlags.ts"
import { settingsOfFlags } from "./settingsOfFlags.ts"
import { asUserError, UsageError } from "./userError.ts"

const { out: _, ...trainingFlags } = settingsFlags

/** `fovea explain`: what an update of a training costs, and which lines make it so. */
export const explainCommand = Command.make(
  "explain",
  {
    module: moduleArgument("module").pipe(
      Argument.withDescription("a module of your own that exports a training or a program by default"),
      Argument.optional
    ),
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(`the settings of a ${checkpointHelp}`), Flag.optional),
    ...trainingFlags,
    ...choiceFlags,
    program: Flag.Boolean("program").pipe(
      Flag.withDescription("print the program too: each primitive, with the line that wrote it"),
      Flag.withDefault(false)
    ),
    json: jsonFlag
  },
  ({ module, checkpoint, program: listed, json, update, epoch, onDamage, ...flags }) =>
    Effect.gen(function* () {
      if (Option.isSome(module) && Option.isSome(checkpoint)) {
        return yield* new UsageError({
          flag: "--checkpoint",
          problem: `contradicts ${module.value}: give one of the two`
        })
      }
      const explained = yield* Effect.gen(function* () {
        if (Option.isSome(module)) {
          return yield* Effect.flatMap(loadProgram(module.value), explainHere).pipe(asModuleError(module.value))
        }
        if (Option.isSome(checkpoint)) return yield* ofCheckpoint(checkpoint.value, { update, epoch }, onDamage)
        const { settings } = yield* settingsOfFlags({ ...flags, out: Option.none() })
        const program = yield* Effect.provide(programForData(settings), datasetLayer(settings.dataset, false))
        return yield* explainHere(program)
      })
      const lines = explanationTable(explained)
      const text = listed ? [...lines, "", ...programListing(explained.program)] : lines
      yield* printReport(json, explained, terminalTable(text))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Say what an update costs: primitives before and after rewriting, arithmetic, memory, and the lines that make them. Trains nothing."
  )
)

const ofCheckpoint = Effect.fnUntraced(function* (path: string, choice: ChoiceFlags, onDamage: "stop" | "fallback") {
  const chosen = yield* chosenCheckpoint({ path, ...choice, field: "--checkpoint" })
  const found = yield* Effect.flatMap(CheckpointStore, ({ latest }) => latest).pipe(
    Effect.provide(layerChosen(chosen, onDamage))
  )
  if (Option.isNone(found)) return yield* new NoCheckpointError({ location: path })
  const { model, settings: recorded } = found.value.description
  if (typeof recorded === "object" && recorded !== null && "program" in recorded) {
    const problem = `${path} was made by a program of its user's own (${quotedText(model)}): explain its module, fovea explain MODULE.ts`
    return yield* new UsageError({ flag: "--checkpoint", problem })
  }
  const { settings, format } = yield* Effect.fromResult(decodeRunDescription(recorded))
  return yield* explainHere(programOf(settings, format))
})
