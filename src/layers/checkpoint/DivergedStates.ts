import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemoryNotFinite } from "./memory.ts"

/**
 * States of a run whose numbers went wrong, for inspection: the last sound one that was seen, and the first that was not,
 * whose numbers may be NaN or infinite. No run goes on from them.
 */
export class DivergedStates extends Context.Service<DivergedStates, CheckpointStore["Service"]>()(
  "fovea/layers/DivergedStates"
) {}

const layer = Layer.effect(DivergedStates, CheckpointStore)

/** The states in a folder, in the format of checkpoints; those of the last two times are kept. */
export const layerDivergedStates = ({ directory }: Pick<FileSystemOptions, "directory">) =>
  Layer.provide(layer, Layer.fresh(layerFileSystem({ directory, keep: 4, onNotFinite: "keep" })))

/** States that live as long as the layer. */
export const layerDivergedStatesMemory: Layer.Layer<DivergedStates> = Layer.provide(
  layer,
  Layer.fresh(layerMemoryNotFinite)
)
