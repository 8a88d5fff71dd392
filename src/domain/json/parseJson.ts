import * as Result from "effect/Result"
import { jsonError, placeOf } from "./jsonError.ts"
import { jsonIssue } from "./jsonIssue.ts"

/** The deepest nesting that is read; the library's own files are less than ten deep. */
const MAX_DEPTH = 64

/**
 * The value of a JSON text that someone else may have written. Fails, in words that go behind "it is" or a colon, for what
 * is not JSON, by line and column, and for what is JSON but no honest file: repeated keys, the key `__proto__`, nesting beyond 64.
 * How long the text may be is for the reader of the file to say: what is parsed takes up to about forty times its bytes.
 */
export const parseJson = (text: string): Result.Result<unknown, string> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return Result.fail(`not JSON: ${described(text, error)}`)
  }
  const flaw = jsonIssue(text, { depth: MAX_DEPTH, protoKeys: false })
  return flaw === undefined ? Result.succeed(value) : Result.fail(`not JSON that can be read: ${flaw}`)
}

/** What is wrong with a text that `JSON.parse` has refused. */
const described = (text: string, error: unknown): string => {
  const fault = jsonError(text)
  if (fault === undefined) return String(error)
  if (text.trim() === "") return fault.problem
  const { line, column } = placeOf(text, fault.at)
  return `line ${line}, column ${column}: ${fault.problem}`
}
