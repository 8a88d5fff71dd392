import * as Schema from "effect/Schema"

/** A run computed again is not what was recorded of it. */
export class ReplayDifferenceError extends Schema.TaggedError<ReplayDifferenceError>()("ReplayDifferenceError", {
  /** The first update at which a record differs. */
  update: Schema.Int,
  /** Metric, or path of a tensor and position in it. */
  quantity: Schema.String,
  expected: Schema.String,
  found: Schema.String,
  /** Which record: the log, a checkpoint, a manifest. */
  record: Schema.String,
  /** In what this machine and version are not those of the record; empty if in nothing. */
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const why =
      this.differences.length > 0
        ? `Not the same here: ${this.differences.join("; ")}.`
        : "Versions, engine and processor are the recorded ones."
    return `The run is not what it was: after update ${this.update}, ${this.quantity} is ${this.found}, but ${this.expected} in ${this.record}. ${why}`
  }
}

/** Nothing is recorded of the updates that are to be computed again. */
export class NothingToCompareError extends Schema.TaggedError<NothingToCompareError>()("NothingToCompareError", {
  first: Schema.Int,
  last: Schema.Int,
  /** The next update of which there is a record, if there is one. */
  next: Schema.optionalKey(Schema.Int)
}) {
  override get message(): string {
    const way =
      this.next === undefined
        ? "nor of later ones"
        : `the next record is of update ${this.next}: ask for --updates ${this.next - this.first + 1}`
    return `There is no record of updates ${this.first} to ${this.last} to compare with, ${way}.`
  }
}
