import type * as Console from "effect/Console"
import { terminalLines, terminalMessage } from "../../domain/text/terminalText.ts"

/** A text that is alone is a table or a message; what follows a first one are values put into it. */
const safe = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  values.map((value, index) => {
    if (typeof value !== "string") return value
    return index === 0 ? terminalLines(value) : terminalMessage(value)
  })

/**
 * A console to which no text can send what moves a terminal's cursor or hides what it says, whoever forgot to ask
 * `terminalText`. Tables and messages keep their lines and the help its colours.
 */
export const terminalConsole = (inner: Console.Console): Console.Console => ({
  ...inner,
  log: (...values) => inner.log(...safe(values)),
  error: (...values) => inner.error(...safe(values)),
  warn: (...values) => inner.warn(...safe(values)),
  info: (...values) => inner.info(...safe(values)),
  debug: (...values) => inner.debug(...safe(values))
})
