import * as Schema from "effect/Schema"

/** A training run whose numbers are no longer finite; nothing after it can be right. */
export class DivergedError extends Schema.TaggedError<DivergedError>()("DivergedError", {
  /** The update after which the number was found. */
  update: Schema.Int,
  /** The metric's name or the parameter's path, and its value. Not `name`: an `Error` has one of its own. */
  quantity: Schema.String,
  value: Schema.Number,
  /** The last checkpoint before it, if there is one. */
  lastCheckpoint: Schema.optionalKey(Schema.String),
  /** Where the last sound state and the one with this number are kept for inspection, if they are. */
  kept: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const way =
      this.lastCheckpoint === undefined
        ? "There is no checkpoint to go back to."
        : `The last good checkpoint is ${this.lastCheckpoint}.`
    const kept = this.kept === undefined ? "" : ` The states before and after are kept in ${this.kept}.`
    return `Training diverged: after update ${this.update}, ${this.quantity} is ${this.value}. ${way}${kept}`
  }
}
