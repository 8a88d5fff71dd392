import * as Console from "effect/Console"
import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalTable } from "../../domain/text/terminalText.ts"

/** A flag for a whole number of at least `least`, and at most `most`; says so if another is given. */
export const wholeNumber = (name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): Flag.Flag<number> => {
  const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text)
  const inRange = (value: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most
  // Not `Flag.Int`, whose message for a word speaks of a string representing a finite number.
  return Flag.String(name).pipe(
    Flag.withMetavar("integer"),
    Flag.filterMap(
      (text) => (isWhole(text) ? Option.filter(Option.some(Number(text)), inRange) : Option.none()),
      // The greatest number that is told from its neighbours is news only to who passed it.
      (text) =>
        most === Number.MAX_SAFE_INTEGER && !(isWhole(text) && Number(text) > most)
          ? `a whole number of at least ${least}`
          : `a whole number from ${least} to ${most}`
    )
  )
}

/** The flag `--on-damage`. */
export const damageFlag = Flag.Literals("on-damage", ["stop", "fallback"]).pipe(
  Flag.withDescription(
    "if the newest checkpoint is damaged: stop and say which is intact (default), or fall back to the newest intact one"
  ),
  Flag.withDefault("stop" as const)
)

/** The flag `--json` of a command that reports something. */
export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("report in JSON: one document on standard output, and nothing else there"),
  Flag.withDefault(false)
)

/**
 * Says what a command is about to do, before it loads or reads anything that takes a while: on standard error, as standard
 * output is for the report. With `--json` nothing is said.
 */
export const announce = (json: boolean, what: string): Effect.Effect<void> =>
  json ? Effect.void : Console.error(terminalTable([what]))

/** Prints a report: as JSON if that is asked for, or else its text. */
export const printReport = (json: boolean, report: unknown, text: string): Effect.Effect<void> =>
  Console.log(json ? JSON.stringify(report, undefined, 2) : text)

/** A flag that was given and is none of those `taken`, as it is written: `--keep-last`. */
export const givenFlag = (flags: object, taken: ReadonlySet<string> = new Set()): string | undefined => {
  const [name] = Object.entries(flags).find(([flag, value]) => !taken.has(flag) && isGiven(value)) ?? []
  return name === undefined ? undefined : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

const isGiven = (value: unknown): boolean =>
  Option.isOption(value) ? Option.isSome(value) : Array.isArray(value) ? value.length > 0 : value === true
