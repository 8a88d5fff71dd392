import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemory } from "./memory.ts"
import { layerSql, type SqlCheckpointOptions } from "./sql.ts"

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

/** Milestones of a run in a database, beside its checkpoints. */
export const layerSqlMilestones = ({ run, lease }: Pick<SqlCheckpointOptions, "run" | "lease">) =>
  Layer.provide(layer, layerSql({ run: `${run}.milestones`, lease, keep: Number.MAX_SAFE_INTEGER }))
