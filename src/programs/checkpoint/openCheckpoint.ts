import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { type ModelSettings, modelOf } from "../../domain/model/modelOf.ts"
import type { TrainableModel } from "../../domain/model/TrainableModel.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"

/** The store holds no checkpoint. */
export class NoCheckpointError extends Schema.TaggedError<NoCheckpointError>()("NoCheckpointError", {
  location: Schema.String
}) {
  override get message(): string {
    return `There is no checkpoint in ${this.location}: train a model first, or name the folder of a run.`
  }
}

/** A trained model, and how far its training had come. */
export interface OpenCheckpoint {
  readonly model: TrainableModel
  /** The settings that the model was built from. */
  readonly settings: ModelSettings
  /** Parameters and the rest of the training state, by path. */
  readonly tensors: NamedTensors
  readonly update: number
  /** The run's seed. */
  readonly seed: number
}

/**
 * The model of the `CheckpointStore`'s newest checkpoint, built from what the checkpoint says of itself.
 * Fails with a `NoCheckpointError` if there is none, a `CheckpointError` if it is damaged, a `SettingsError` if its
 * settings are not those of a model that this version knows.
 */
export const openCheckpoint = Effect.gen(function* () {
  const store = yield* CheckpointStore
  const found = yield* store.latest
  if (Option.isNone(found)) return yield* new NoCheckpointError({ location: store.location })
  const { description, tensors } = found.value
  if (typeof description.settings === "object" && description.settings !== null && "program" in description.settings) {
    const problem = `it was made by a program of its user's own (${quotedText(description.model)}); name its module by --module`
    return yield* new SettingsError({ field: store.location, problem })
  }
  const { settings, format } = yield* Effect.fromResult(decodeRunDescription(description.settings))
  const opened: OpenCheckpoint = {
    model: modelOf(settings.model, format),
    settings: settings.model,
    tensors,
    update: description.update,
    seed: description.seed
  }
  return opened
}).pipe(Effect.withSpan("Sampling.openCheckpoint"))
