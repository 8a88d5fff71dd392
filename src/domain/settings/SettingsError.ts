import * as Schema from "effect/Schema"

/** Settings that are wrong by themselves, or do not fit the data or another run's. */
export class SettingsError extends Schema.TaggedError<SettingsError>()("SettingsError", {
  /** Path of the field at fault, such as `model.filters`. */
  field: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.field}: ${this.problem}`
  }
}
