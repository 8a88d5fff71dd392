import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemory } from "./memory.ts"

/**
 * Generators as they were at chosen epochs of a run, for measures over its course: checkpoints that hold `generator.*`
 * alone. All are kept, and no run goes on from them.
 */
export class Milestones extends Context.Service<Milestones, CheckpointStore["Service"]>()("fovea/layers/Milestones") {}

const layer = Layer.effect(Milestones, CheckpointStore)

/** Milestones in a folder, in the format of checkpoints. */
export const layerMilestones = ({ directory }: Pick<FileSystemOptions, "directory">) =>
  Layer.provide(layer, layerFileSystem({ directory, keep: Number.MAX_SAFE_INTEGER }))

/** Milestones that live as long as the layer. */
export const layerMilestonesMemory: Layer.Layer<Milestones> = Layer.provide(layer, Layer.fresh(layerMemory))
