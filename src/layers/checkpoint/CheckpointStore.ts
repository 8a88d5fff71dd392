import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { remedy } from "../file/atomicWrite.ts"

/** The complete state of a training run after `description.update` updates. */
export interface Checkpoint {
  readonly description: CheckpointDescription
  readonly tensors: NamedTensors
}

/** Where a checkpoint was put. */
export interface SavedCheckpoint {
  readonly update: number
  readonly path: string
}

/**
 * Why a checkpoint could not be saved or loaded.
 * `NotFound`: the store holds none of this update; `held` are those it holds. `Damaged`: what was read is not what was
 * written. `NotFinite`: intact, but a number of `tensor` is NaN or infinite. `Unreadable` and `Unwritable`: the system refused, or (`Unwritable`) the description breaks its schema or a number is not finite.
 * `Incompatible`: intact, but in a format this version does not read.
 */
export const CheckpointReason = Schema.Union([
  Schema.TaggedStruct("NotFound", { update: Schema.Int, held: Schema.Array(Schema.Int) }),
  Schema.TaggedStruct("Damaged", { expected: Schema.String, found: Schema.String }),
  Schema.TaggedStruct("NotFinite", { tensor: Schema.String, value: Schema.String }),
  Schema.TaggedStruct("Unreadable", { detail: Schema.String }),
  Schema.TaggedStruct("Unwritable", { detail: Schema.String }),
  Schema.TaggedStruct("Incompatible", { expected: Schema.String, found: Schema.String })
])
/** See the schema of the same name. */
export type CheckpointReason = (typeof CheckpointReason)["Type"]

/**
 * A checkpoint could not be saved or loaded. `path` is the file or folder at fault. `intact` is set by `latest` only:
 * the newest update that can be loaded instead, or `null` if there is none.
 */
export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  path: Schema.String,
  reason: CheckpointReason,
  intact: Schema.optionalKey(Schema.NullOr(Schema.Int))
}) {
  override get message(): string {
    if (this.intact === undefined) return explainReason(this.path, this.reason)
    const step = mayFallBack(this.reason) ? "repeat the command with --on-damage fallback" : "move the newer ones away"
    const way =
      this.intact === null
        ? "No other checkpoint here is intact. To begin anew, move the folder away."
        : `The newest intact checkpoint is that of update ${this.intact}; to go on from it, ${step}.`
    return `${explainReason(this.path, this.reason)} ${way}`
  }
}

/** Whether a store that is told to falls back to an older checkpoint. What merely cannot be read is never passed over. */
export const mayFallBack = ({ _tag }: CheckpointReason): boolean => _tag === "Damaged" || _tag === "NotFinite"

const explainReason = (path: string, reason: CheckpointReason): string => {
  switch (reason._tag) {
    case "NotFound": {
      const held = reason.held.length === 0 ? "no checkpoints" : `those of updates ${reason.held.join(", ")}`
      return `${path} holds no checkpoint of update ${reason.update}, but ${held}.`
    }
    case "Damaged":
      return `${path} is damaged: expected ${reason.expected}, found ${reason.found}.`
    case "NotFinite":
      return `${path} holds numbers that are not finite: ${quotedText(reason.tensor)} holds ${reason.value}. Nothing can be drawn from it or trained further.`
    case "Unreadable":
      return `${path} cannot be read: ${reason.detail}. ${remedy(reason.detail)}`
    case "Unwritable":
      return `The checkpoint cannot be written to ${path}: ${reason.detail.replace(/\.$/, "")}. ${wayOn(reason.detail)}`
    case "Incompatible":
      return `${path} was written by another version: expected ${reason.expected}, found ${reason.found}. Read it with the version that wrote it.`
  }
}

/** A description that breaks its schema is no fault of the disk's. */
const wayOn = (detail: string): string =>
  /^E[A-Z]+:/.test(detail)
    ? `${remedy(detail)} Earlier checkpoints are intact: the same command then goes on from the last one.`
    : "Earlier checkpoints are intact."

/** Keeps checkpoints of one training run. One process at a time may save; any number may read. */
export class CheckpointStore extends Context.Service<
  CheckpointStore,
  {
    /** For messages: a folder, or `memory`. */
    readonly location: string
    /**
     * Keeps a checkpoint, replacing one of the same update. Once it succeeds, the checkpoint survives a crash if the
     * store does; if it fails or is cut short, all earlier checkpoints are still there, and of this update the old
     * one or the new one, whole. Not interruptible.
     */
    readonly save: (checkpoint: Checkpoint) => Effect.Effect<SavedCheckpoint, CheckpointError>
    /** The updates of which there is a checkpoint, ascending. They are not opened: one may prove to be damaged. */
    readonly list: Effect.Effect<ReadonlyArray<number>, CheckpointError>
    /** The checkpoint of one update, exactly as it was saved. Its tensors are copies, the caller's own. */
    readonly load: (update: number) => Effect.Effect<Checkpoint, CheckpointError>
    /**
     * The checkpoint with the highest update; none if there are none. If that one is damaged this fails, with the
     * newest intact one in the error, instead of silently going back: the caller decides what to lose. (The store in
     * files can be told beforehand to fall back, by `onDamage`.)
     */
    readonly latest: Effect.Effect<Option.Option<Checkpoint>, CheckpointError>
  }
>()("fovea/layers/CheckpointStore") {}
