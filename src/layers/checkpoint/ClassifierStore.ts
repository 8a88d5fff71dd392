import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type FolderLockError, type FolderLockedError, layerFolderLock } from "../lock/FolderLock.ts"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemory } from "./memory.ts"

/** The checkpoints of the classifier that measures stand on: a store of its own, beside those of the models measured. */
export class ClassifierStore extends Context.Service<
  ClassifierStore,
  CheckpointStore["Service"] & {
    /**
     * Keeps others from saving, as long as the scope is open: to be held by whoever trains. Those who only read need not;
     * a classifier serves many reproductions at once.
     */
    readonly hold: Effect.Effect<void, FolderLockedError | FolderLockError, Scope.Scope>
  }
>()("fovea/layers/ClassifierStore") {}

/** The classifier in a folder, in the format of checkpoints; only the newest is kept. */
export const layerClassifier = ({ directory }: Pick<FileSystemOptions, "directory">) =>
  Layer.effect(
    ClassifierStore,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const lock = Layer.provide(layerFolderLock(directory), Layer.succeed(FileSystem.FileSystem, fs))
      return { ...(yield* CheckpointStore), hold: Effect.asVoid(Layer.build(Layer.fresh(lock))) }
    })
  ).pipe(Layer.provide(layerFileSystem({ directory, keep: 1 })))

/** A classifier that lives as long as the layer. */
export const layerClassifierMemory: Layer.Layer<ClassifierStore> = Layer.effect(
  ClassifierStore,
  Effect.map(CheckpointStore, (store) => ({ ...store, hold: Effect.void }))
).pipe(Layer.provide(Layer.fresh(layerMemory)))
