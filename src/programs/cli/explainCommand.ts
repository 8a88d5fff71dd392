import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { explanationTable, measuredTable, programListing } from "../../domain/explain/explanationTable.ts"
import { quotedText, terminalTable } from "../../domain/text/terminalText.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { kindOf, loadModule } from "../../layers/module/loadModule.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { NoCheckpointError } from "../checkpoint/openCheckpoint.ts"
import { explainHere, programForData, programOf } from "../explain/explainTraining.ts"
import { profileProgram } from "../explain/profileProgram.ts"
import { writeExplanation } from "../explain/writeExplanation.ts"
import { asModuleError, isProgram } from "../training/recipeModule.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { givenFlag, jsonFlag, printReport } from "./flags.ts"
import { datasetLayer } from "./layers.ts"
import { filePath, moduleArgument } from "./paths.ts"
import { programFlags } from "./settingsFlags.ts"
import { type SettingsFlags, settingsOfFlags } from "./settingsOfFlags.ts"
import { asUserError, UsageError } from "./userError.ts"

/** `fovea explain`: what an update of a training costs, and which lines make it so. */
export const explainCommand = Command.make(
  "explain",
  {
    module: moduleArgument("module").pipe(
      Argument.withDescription("a module of your own that exports a training or a program by default"),
      Argument.optional
    ),
    checkpoint: filePath("checkpoint").pipe(
      Flag.withDescription("the settings of a run: its folder, that of its checkpoints or milestones, or one of them"),
      Flag.optional
    ),
    ...programFlags,
    program: Flag.Boolean("program").pipe(
      Flag.withDescription("print the program too: each primitive, with the line that wrote it"),
      Flag.withDefault(false)
    ),
    profile: Flag.Boolean("profile").pipe(
      Flag.withDescription("run a few steps too, and say how long each kind of primitive takes on the backend"),
      Flag.withDefault(false)
    ),
    html: filePath("html").pipe(
      Flag.withDescription("write it as one HTML page with flame graphs to this file"),
      Flag.optional
    ),
    json: jsonFlag,
    backend: backendFlag
  },
  ({ module, checkpoint, program: listed, profile, html, json, backend, ...flags }) =>
    Effect.gen(function* () {
      if (Option.isSome(module) && Option.isSome(checkpoint)) {
        const problem = `contradicts ${module.value}: give one of the two`
        return yield* new UsageError({ flag: "--checkpoint", problem })
      }
      const itself = Option.orElse(module, () => checkpoint)
      const flag = givenFlag(flags)
      if (Option.isSome(itself) && flag !== undefined) {
        return yield* new UsageError({
          flag,
          problem: `goes with a preset: ${itself.value} says itself what it trains`
        })
      }
      if (Option.isSome(backend) && !profile) {
        return yield* new UsageError({ flag: "--backend", problem: "goes with --profile: nothing is run otherwise" })
      }
      const engine = yield* backendOf(backend)
      const explaining = Effect.gen(function* () {
        const program = Option.isSome(module)
          ? yield* loadProgram(module.value)
          : Option.isSome(checkpoint)
            ? yield* ofCheckpoint(checkpoint.value)
            : yield* ofFlags(flags)
        const explained = yield* explainHere(program)
        const measured = profile ? yield* Effect.provide(profileProgram(program, explained.program), engine) : undefined
        return { explained, measured }
      })
      const { explained, measured } = yield* Option.isSome(module)
        ? explaining.pipe(asModuleError(module.value))
        : explaining
      if (Option.isSome(html)) yield* writeExplanation(html.value, explained, measured)
      const lines = [
        ...explanationTable(explained),
        ...(measured === undefined ? [] : ["", ...measuredTable(measured)]),
        ...(listed ? ["", ...programListing(explained.program)] : []),
        ...(Option.isSome(html) ? ["", html.value] : [])
      ]
      yield* printReport(json, measured === undefined ? explained : { ...explained, measured }, terminalTable(lines))
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Say what an update costs: primitives before and after rewriting, arithmetic, memory, and the lines that make them. Trains nothing."
  )
)

const ofFlags = Effect.fnUntraced(function* (flags: SettingsFlags) {
  const { settings } = yield* settingsOfFlags(flags)
  return yield* Effect.provide(programForData(settings), datasetLayer(settings.dataset, false))
})

/** All checkpoints of a run have its settings: any that can be read will do. */
const ofCheckpoint = Effect.fnUntraced(function* (path: string) {
  const newest = { update: Option.none(), epoch: Option.none() }
  const chosen = yield* chosenCheckpoint({ path, ...newest, field: "--checkpoint" })
  const found = yield* Effect.flatMap(CheckpointStore, ({ latest }) => latest).pipe(
    Effect.provide(layerChosen(chosen, "fallback"))
  )
  if (Option.isNone(found)) return yield* new NoCheckpointError({ location: path })
  const { model, settings: recorded } = found.value.description
  if (typeof recorded === "object" && recorded !== null && "program" in recorded) {
    const problem = `${path} was made by a program of its user's own (${quotedText(model)}): explain its module, fovea explain MODULE.ts`
    return yield* new UsageError({ flag: "--checkpoint", problem })
  }
  const { settings, format } = yield* Effect.fromResult(decodeRunDescription(recorded))
  return programOf(settings, format)
})

/**
 * The program of a module: what it exports by default, or that of the training which it exports. Fails with a `UsageError` if it is
 * neither, and with a `ModuleError` if it cannot be loaded.
 */
export const loadProgram = Effect.fn("loadProgram")(function* (path: string) {
  const exported = yield* loadModule(path)
  if (isProgram(exported)) return exported
  if (typeof exported === "object" && exported !== null && "program" in exported && isProgram(exported.program)) {
    return exported.program
  }
  const found =
    exported === undefined ? "it exports nothing by default" : `its default export, ${kindOf(exported)}, is no program`
  return yield* new UsageError({
    flag: path,
    problem: `${found}; expected one made by Program.make, or a training of one (Training.recipe)`
  })
})
