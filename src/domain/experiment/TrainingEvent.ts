import * as Schema from "effect/Schema"

/** Updates done so far: the state that an event tells of is the one after this many updates. */
const Update = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A run begins (`update` = 0) or goes on from a checkpoint (`update` > 0). */
export const Started = Schema.TaggedStruct("Started", {
  name: Schema.String,
  /** The run's settings as JSON, so that a log tells by itself what was run. */
  settings: Schema.Json,
  update: Update,
  totalUpdates: Update,
  backend: Schema.String,
  /** Trainable numbers of the whole model. */
  parameters: Schema.Int
})

/** Where training stands. */
export const Progress = Schema.TaggedStruct("Progress", {
  update: Update,
  totalUpdates: Update,
  /** Passes over the training data, fractional: 2.5 is half-way through the third. */
  epoch: Schema.Number,
  /** Values by name; a diverged run's are not finite, and are kept. */
  metrics: Schema.Record(Schema.String, Schema.Number),
  updatesPerSecond: Schema.Number,
  /** Estimated time to the end; not finite while it is not known. */
  secondsLeft: Schema.Number
})

/** What the generator draws was measured by a few samples. */
export const Measured = Schema.TaggedStruct("Measured", {
  update: Update,
  epoch: Schema.Number,
  /** Values by name; only those of as many samples and by the same network can be compared. */
  metrics: Schema.Record(Schema.String, Schema.Number),
  /** Of the samples, the share of each class as a classifier sees them. */
  classes: Schema.optionalKey(Schema.Array(Schema.Number))
})

/** A snapshot was written. */
export const Checkpointed = Schema.TaggedStruct("Checkpointed", { update: Update, path: Schema.String })

/** An image was written. */
export const PictureWritten = Schema.TaggedStruct("PictureWritten", { update: Update, path: Schema.String })

/** Something the user should know that does not stop the run. */
export const Warned = Schema.TaggedStruct("Warned", { update: Update, message: Schema.String })

/** The last update was done, after this many seconds of this process. */
export const Finished = Schema.TaggedStruct("Finished", { update: Update, seconds: Schema.Number })

/** The run was stopped from outside after finishing the update in hand. */
export const Interrupted = Schema.TaggedStruct("Interrupted", { update: Update })

/** All that a training run reports: the schema, by which logs are written and read back. */
export const TrainingEvent = Schema.Union([
  Started,
  Progress,
  Measured,
  Checkpointed,
  PictureWritten,
  Warned,
  Finished,
  Interrupted
])

/** All that a training run reports; told apart by `_tag`. */
export type TrainingEvent = typeof TrainingEvent.Type

/** The event of one kind. */
export type TrainingEventOf<Tag extends TrainingEvent["_tag"]> = Extract<TrainingEvent, { readonly _tag: Tag }>
