import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Checkpoint, CheckpointError, type CheckpointStore } from "./CheckpointStore.ts"

/**
 * The `latest` of a store, made of its `list` and `load`. If the newest checkpoint cannot be loaded, the older ones
 * are tried only to name the newest intact one in the error; it is not returned in its place.
 */
export const newestOf = (
  list: CheckpointStore["Service"]["list"],
  load: CheckpointStore["Service"]["load"]
): Effect.Effect<Option.Option<Checkpoint>, CheckpointError> =>
  Effect.gen(function* () {
    const [newest, ...older] = (yield* list).toReversed()
    if (newest === undefined) return Option.none()
    return yield* load(newest).pipe(
      Effect.map(Option.some),
      Effect.catch((error) =>
        Effect.flatMap(
          newestIntact(older, load),
          (intact) => new CheckpointError({ path: error.path, reason: error.reason, intact })
        )
      )
    )
  }).pipe(Effect.withSpan("CheckpointStore.latest"))

const newestIntact = (
  descending: ReadonlyArray<number>,
  load: CheckpointStore["Service"]["load"]
): Effect.Effect<number | null> =>
  Effect.gen(function* () {
    for (const update of descending) {
      if (yield* Effect.isSuccess(load(update))) return update
    }
    return null
  })
