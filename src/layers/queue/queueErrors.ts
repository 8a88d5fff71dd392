import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/**
 * A point is not this worker's any more: it gave no sign of life for longer than its lease and another took the point, or the
 * sweep was cancelled. The store took nothing of it since. `found`: what has become of the point. The process's exit code is 3.
 */
export class LeaseLostError extends Schema.TaggedError<LeaseLostError>()("LeaseLostError", {
  point: Schema.String,
  /** The token of the lease that was lost. */
  token: Schema.Int,
  found: Schema.Union([
    Schema.TaggedStruct("Taken", { worker: Schema.String, token: Schema.Int }),
    /** It ended, by its last holder or because it was given up. */
    Schema.TaggedStruct("Ended", { state: Schema.String }),
    /** It waits: it was given back, or asked for anew. */
    Schema.TaggedStruct("Waiting", {}),
    Schema.TaggedStruct("Cancelled", {}),
    Schema.TaggedStruct("Removed", {})
  ])
}) {
  override readonly [Runtime.errorExitCode] = 3

  override get message(): string {
    return `Point ${this.point} is no longer this worker's: ${explainFound(this.found)} Nothing more was written for it.`
  }
}

const explainFound = (found: LeaseLostError["found"]): string => {
  switch (found._tag) {
    case "Taken":
      return `it gave no sign of life for too long, and worker ${found.worker} has taken the point over.`
    case "Ended":
      return `it has ${found.state} meanwhile.`
    case "Waiting":
      return "it has been put back into the queue."
    case "Cancelled":
      return "its sweep was cancelled."
    case "Removed":
      return "the store does not hold it any more."
  }
}

/** The store of sweeps could not be opened, read or written. */
export class QueueError extends Schema.TaggedError<QueueError>()("QueueError", {
  /** Where the store is, without credentials. */
  store: Schema.String,
  /** What was tried: `claim a point`. */
  action: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `The store ${this.store} failed to ${this.action}: ${this.detail.replace(/\.$/, "")}.`
  }
}

/** A sweep of this name was submitted before with another plan. */
export class SweepConflictError extends Schema.TaggedError<SweepConflictError>()("SweepConflictError", {
  store: Schema.String,
  name: Schema.String
}) {
  override get message(): string {
    return `${this.store} already has a sweep ${this.name} with another plan: give this one another name.`
  }
}

/** There is no sweep of this name. */
export class UnknownSweepError extends Schema.TaggedError<UnknownSweepError>()("UnknownSweepError", {
  store: Schema.String,
  name: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const { known } = this
    const most = known.slice(0, 10).join(", ") + (known.length > 10 ? " and others" : "")
    return `${this.store} has no sweep ${this.name}, but ${known.length === 0 ? "none at all" : most}.`
  }
}
