import * as Schema from "effect/Schema"

/**
 * Samples that a measure cannot be taken of. `measure` is its name (`precision and recall`), `input` which of its
 * inputs is at fault (`generated`), `problem` what was expected there and what was found.
 */
export class MeasureError extends Schema.TaggedError<MeasureError>()("MeasureError", {
  measure: Schema.String,
  input: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.measure}: ${this.input}: ${this.problem}`
  }
}
