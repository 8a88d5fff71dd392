import * as Schema from "effect/Schema"

/** Images cannot be read from where they should be. `file` is the file or folder at fault. */
export class SamplesError extends Schema.TaggedError<SamplesError>()("SamplesError", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}`
  }
}
