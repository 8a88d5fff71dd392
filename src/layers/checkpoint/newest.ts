import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Checkpoint, CheckpointError, type CheckpointStore, mayFallBack } from "./CheckpointStore.ts"

/** What `latest` does about a newest checkpoint that is damaged: fail, or take the newest one that is not. */
export type OnDamage = "stop" | "fallback"

/** How `latest` falls back. */
export interface Fallback {
  /** Told of every damaged checkpoint that was passed over, once an older one has been found to be intact. */
  readonly passedOver: (updates: ReadonlyArray<number>) => void
}

/**
 * The `latest` of a store, made of its `list` and `load`. If the newest checkpoint cannot be loaded, the older ones are
 * tried. Without a `fallback` that is only to name the newest intact one in the error; with one it is returned, with a
 * warning, if the newer ones are damaged or not finite. What merely cannot be read (no permission, too many open files) is never passed over.
 */
export const newestOf = (
  list: CheckpointStore["Service"]["list"],
  load: CheckpointStore["Service"]["load"],
  fallback?: Fallback
): Effect.Effect<Option.Option<Checkpoint>, CheckpointError> =>
  Effect.gen(function* () {
    const descending = (yield* list).toReversed()
    const [newest, ...older] = descending
    if (newest === undefined) return Option.none()
    return yield* load(newest).pipe(
      Effect.map(Option.some),
      Effect.catch((error) =>
        Effect.gen(function* () {
          const intact = yield* newestIntact(older, load)
          const { path, reason } = error
          if (fallback === undefined || Option.isNone(intact) || !mayFallBack(reason)) {
            const update = Option.match(intact, { onNone: () => null, onSome: ({ description }) => description.update })
            return yield* new CheckpointError({ path, reason, intact: update })
          }
          const { update } = intact.value.description
          yield* Effect.logWarning(`${error.message} Going on from the checkpoint of update ${update}.`)
          fallback.passedOver(descending.filter((other) => other > update))
          return intact
        })
      )
    )
  }).pipe(Effect.withSpan("CheckpointStore.latest"))

const newestIntact = Effect.fnUntraced(function* (
  descending: ReadonlyArray<number>,
  load: CheckpointStore["Service"]["load"]
): Effect.fn.Return<Option.Option<Checkpoint>> {
  for (const update of descending) {
    const loaded = yield* Effect.option(load(update))
    if (Option.isSome(loaded)) return loaded
  }
  return Option.none()
})
