import * as Console from "effect/Console"
import { CliError, CliOutput, type HelpDoc } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { quotedText, terminalText } from "../../domain/text/terminalText.ts"
import { commandHabits, flagHabits, type Habit } from "./habits.ts"
import { usageCode } from "./userError.ts"

/** Flags or arguments that could not be read; they have been shown. */
export class InvalidInvocationError extends Schema.TaggedError<InvalidInvocationError>()("InvalidInvocationError", {
  problems: Schema.Array(Schema.String)
}) {
  override readonly [Runtime.errorExitCode] = usageCode
  override readonly [Runtime.errorReported] = false

  override get message(): string {
    return this.problems.join("; ")
  }
}

/** Shows what is wrong with a command on standard error, first and alone, and where its help is; all else as usual. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(invocationText(event))
      : CliOutput.defaultPresenter.present(event)
}

/** Runs a command line so that a wrong command is explained in one place and ends with exit code 2. */
export const withUsage = <A, E, R>(
  command: Effect.Effect<A, E | CliError.CliError, R>
): Effect.Effect<A, E | CliError.CliError | InvalidInvocationError, R> =>
  command.pipe(
    Effect.mapError((error) =>
      error instanceof CliError.ShowHelp && error.errors.length > 0
        ? new InvalidInvocationError({ problems: error.errors.map(({ message }) => message) })
        : error
    ),
    Effect.provideService(CliOutput.Presenter, presenter)
  )

const invocationText = ({ commandPath, helpDoc, errors }: CliOutput.Presenter.InvalidInvocation): string => {
  const path = commandPath.join(" ")
  const problems = [...new Set(errors.map((error) => problemOf(error, path, helpDoc)))]
  const heading = problems.length === 1 ? "ERROR" : "ERRORS"
  return `\n${heading}\n${problems.map((problem) => `  ${problem}`).join("\n")}\n\nSee ${path} --help`
}

const problemOf = (error: CliError.NonShowHelpErrors, path: string, helpDoc: HelpDoc.HelpDoc): string => {
  switch (error._tag) {
    case "UnrecognizedOption":
      return `${path} has no flag ${terminalText(error.option)}${flagAdvice(error, path, helpDoc)}`
    case "UnknownSubcommand": {
      const habit = habitOf(commandHabits, error.subcommand, path)
      const names = (helpDoc.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
      const near = abbreviated(error.subcommand, names)
      const advice = habit === undefined ? meant(near.length > 0 ? near : error.suggestions) : `: ${habit.answer}`
      return `there is no command ${quotedText(error.subcommand)}${advice}`
    }
    case "MissingOption":
      return `--${error.option} is missing`
    case "MissingArgument":
      return `<${error.argument}> is missing`
    case "UnexpectedArgument": {
      const given = error.arguments.map((argument) => quotedText(argument)).join(", ")
      const takes = (helpDoc.args ?? []).map(({ name }) => `<${name}>`).join(" ")
      return takes === ""
        ? `${path} takes flags alone, but ${given} is given`
        : `${path} takes ${takes}, but ${given} is given as well`
    }
    case "InvalidValue":
      return invalidValue(error)
    default:
      return error.message
  }
}

const invalidValue = ({ option, value, expected, kind }: CliError.InvalidValue): string => {
  const name = kind === "flag" ? `--${option}` : `<${option}>`
  const times = /^(\d+) occurrences$/.exec(value)?.[1]
  if (times !== undefined) return `${name} is given ${times} times: give it once`
  const wanted = expected.replace(/^Expected:? /, "")
  if (wanted.startsWith("omit the value")) return `--no-${option} takes no value`
  return value === "" ? `${name} needs a value: ${wanted}` : `${name}: expected ${wanted}, not ${quotedText(value)}`
}

/** What to type instead of an unknown flag: the same in another spelling, what a habit stands for, or a near name. */
const flagAdvice = ({ option, suggestions }: CliError.UnrecognizedOption, path: string, { flags }: HelpDoc.HelpDoc) => {
  const same = flags.find(({ name }) => squashed(name) === squashed(option))
  if (same !== undefined) return meant([`--${same.name}`])
  const habit = habitOf(flagHabits, option, path)
  if (habit === undefined) {
    const near = abbreviated(
      option,
      flags.map(({ name }) => name)
    )
    return meant(near.length > 0 ? near.map((name) => `--${name}`) : suggestions)
  }
  const command = path.split(" ").at(-1) ?? ""
  const elsewhere = habit.of !== undefined && !habit.of.includes(command) ? `for fovea ${habit.of.join(", ")} ` : ""
  return `: ${elsewhere}${habit.answer}`
}

const habitOf = (habits: ReadonlyArray<Habit>, typed: string, path: string): Habit | undefined => {
  const command = path.split(" ").at(-1) ?? ""
  return habits.find(({ names, on }) => names.includes(squashed(typed)) && (on?.includes(command) ?? true))
}

/** Names that begin with what was typed, if they are few. */
const abbreviated = (typed: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = names.filter((name) => squashed(name).startsWith(squashed(typed)))
  return squashed(typed).length > 1 && found.length <= 3 ? found : []
}

/** `--batch_size`, `--batchSize` and `--batch-size` are one name. */
const squashed = (flag: string): string => flag.toLowerCase().replaceAll(/[-_]/g, "")

const meant = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "" : `. Did you mean ${names.join(" or ")}?`
