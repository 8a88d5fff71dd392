import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemory } from "./memory.ts"

/** The checkpoints of the classifier that measures stand on: a store of its own, beside those of the models measured. */
export class ClassifierStore extends Context.Service<ClassifierStore, CheckpointStore["Service"]>()(
  "fovea/layers/ClassifierStore"
) {}

const layer = Layer.effect(ClassifierStore, CheckpointStore)

/** The classifier in a folder, in the format of checkpoints; only the newest is kept. */
export const layerClassifier = ({ directory }: Pick<FileSystemOptions, "directory">) =>
  Layer.provide(layer, layerFileSystem({ directory, keep: 1 }))

/** A classifier that lives as long as the layer. */
export const layerClassifierMemory: Layer.Layer<ClassifierStore> = Layer.provide(layer, Layer.fresh(layerMemory))
