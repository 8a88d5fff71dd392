import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { CheckpointError, CheckpointStore } from "./CheckpointStore.ts"
import { newestOf } from "./newest.ts"
import { type OnNotFinite, type PackedCheckpoint, packCheckpoint, unpackCheckpoint } from "./packedCheckpoint.ts"

/**
 * A store that lives as long as its layer: for tests, and for runs whose state need not survive. It keeps the same
 * bytes the file system's store writes, so tensors are copied in and out and the same descriptions are refused.
 * It keeps every checkpoint.
 */
export const layerMemory: Layer.Layer<CheckpointStore> = Layer.sync(CheckpointStore, () => makeMemory("refuse"))

/** The same for states of runs that went wrong, whose numbers may not be finite. */
export const layerMemoryNotFinite: Layer.Layer<CheckpointStore> = Layer.sync(CheckpointStore, () => makeMemory("keep"))

const makeMemory = (onNotFinite: OnNotFinite): CheckpointStore["Service"] => {
  const location = "memory"
  const pathOf = (update: number) => `${location}/update-${update}`
  const kept = new Map<number, PackedCheckpoint>()

  const list = Effect.sync(() => [...kept.keys()].sort((left, right) => left - right))

  const save: CheckpointStore["Service"]["save"] = Effect.fn("CheckpointStore.save")(function* (checkpoint) {
    const { update } = checkpoint.description
    const path = pathOf(update)
    const packed = yield* Effect.fromResult(packCheckpoint(checkpoint, onNotFinite)).pipe(
      Effect.mapError((detail) => new CheckpointError({ path, reason: { _tag: "Unwritable", detail } }))
    )
    kept.set(update, packed)
    return { update, path }
  }, Effect.uninterruptible)

  const load: CheckpointStore["Service"]["load"] = Effect.fn("CheckpointStore.load")(function* (update) {
    const packed = kept.get(update)
    if (packed === undefined) {
      const held = yield* list
      return yield* new CheckpointError({ path: location, reason: { _tag: "NotFound", update, held } })
    }
    return yield* Effect.fromResult(
      Result.mapError(
        unpackCheckpoint(update, packed, onNotFinite),
        ({ file, reason }) => new CheckpointError({ path: `${pathOf(update)}/${file}`, reason })
      )
    )
  })

  return CheckpointStore.of({ location, save, list, load, latest: newestOf(list, load) })
}
