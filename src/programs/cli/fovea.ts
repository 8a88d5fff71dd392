import { type CliError, Command } from "effect/cli"
import type * as Effect from "effect/Effect"
import { libraryVersion } from "../libraryVersion.ts"
import { doctorCommand } from "./doctorCommand.ts"
import { evaluateCommand } from "./evaluateCommand.ts"
import { explainCommand } from "./explainCommand.ts"
import { exportCommand } from "./exportCommand.ts"
import { importCommand } from "./importCommand.ts"
import { type InvalidInvocationError, withUsage } from "./invocation.ts"
import { lessonCommand } from "./lessonCommand.ts"
import { replayCommand } from "./replayCommand.ts"
import { reportCommand, reproduceCommand } from "./reproduceCommand.ts"
import { sampleCommand } from "./sampleCommand.ts"
import { sweepCommand } from "./sweepCommand.ts"
import { trainCommand } from "./trainCommand.ts"
import { verifyCommand } from "./verifyCommand.ts"
import { watchCommand } from "./watchCommand.ts"
import { windowsCommand } from "./windowsCommand.ts"
import { workerCommand } from "./workerCommand.ts"

const fovea = Command.make("fovea").pipe(
  Command.withDescription("Train image generators that look and draw through a movable window."),
  Command.withSubcommands([
    reproduceCommand,
    reportCommand,
    trainCommand,
    watchCommand,
    sampleCommand,
    evaluateCommand,
    windowsCommand,
    exportCommand,
    importCommand,
    replayCommand,
    sweepCommand,
    workerCommand,
    verifyCommand,
    explainCommand,
    lessonCommand,
    doctorCommand
  ])
)

/** What the command line comes to. */
type Run = Effect.Effect<void, InvalidInvocationError | CliError.CliError, Command.Environment>

/** The command line, given its arguments by `Stdio`. */
export const runFovea: Run = withUsage(Command.run(fovea, { version: libraryVersion }))

/** The command line with arguments given: for tests. */
export const runFoveaWith = (args: ReadonlyArray<string>): Run =>
  withUsage(Command.runWith(fovea, { version: libraryVersion })(args))
