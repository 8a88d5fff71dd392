import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { type DigestOfText, openSealedJson, sealJson } from "../../json/checksummedJson.ts"
import { Results } from "./Results.ts"

/** A text that is no `results.json` of this version. */
export class ResultsError extends Schema.TaggedError<ResultsError>()("ResultsError", {
  /** What was read, such as a file's path. */
  source: Schema.String,
  /** Path of the first field at fault, such as `claims.0.verdict`; empty for the whole. */
  field: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    const where = this.field === "" ? this.source : `${this.source}, field ${this.field}`
    return `${where}: ${this.problem}. Make the report again to get a whole results.json.`
  }
}

/** JSON has no NaN and no infinities: they are written as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`. */
const resultsAsJson = Schema.toCodecJson(Results)
const encode = Schema.encodeSync(resultsAsJson)
const decode = Schema.decodeUnknownResult(resultsAsJson, { errors: "all", onExcessProperty: "error" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** Results as the text of `results.json`: indented by two spaces, sealed, ending with a line feed. */
export const encodeResults = (results: Results, digestOf: DigestOfText): string => sealJson(encode(results), digestOf)

/** Results from the text of a `results.json`, if it is as it was written; `source` is named where it is at fault. */
export const decodeResults = (
  text: string,
  source: string,
  digestOf: DigestOfText
): Result.Result<Results, ResultsError> =>
  Result.flatMap(opened(text, source, digestOf), (json) =>
    Result.mapError(decode(json), ({ issue }) => {
      const [first, ...others] = issuesOf(issue).issues
      const field = (first?.path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join(".")
      const more = others.length === 0 ? "" : ` (and ${others.length} more ${others.length === 1 ? "fault" : "faults"})`
      const problem = `${first?.message.split("\n")[0] ?? "not valid"}${more}`
      return new ResultsError({ source, field, problem })
    })
  )

const opened = (text: string, source: string, digestOf: DigestOfText): Result.Result<unknown, ResultsError> =>
  Result.mapError(
    openSealedJson(text, digestOf),
    ({ expected, found }) =>
      new ResultsError({ source, field: "", problem: `it is damaged: expected ${expected}, found ${found}` })
  )
