import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import { guardedFileSystem } from "../file/guardedFileSystem.ts"
import { FolderLock, type FolderLockError, type FolderLockedError, holdFolder } from "../lock/FolderLock.ts"
import type { LockLostError } from "../lock/LockLostError.ts"
import { CheckpointStore } from "./CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "./fileSystem.ts"
import { layerMemory } from "./memory.ts"

/** The checkpoints of the classifier that measures stand on: a store of its own, beside those of the models measured. */
export class ClassifierStore extends Context.Service<
  ClassifierStore,
  CheckpointStore["Service"] & {
    /**
     * Runs an effect that saves, and keeps others from saving meanwhile (see `holdFolder`): for whoever trains. Those who only
     * read need not; a classifier serves many reproductions at once.
     */
    readonly hold: <A, E, R>(
      effect: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | FolderLockedError | FolderLockError | LockLostError, R>
  }
>()("fovea/layers/ClassifierStore") {}

/** The classifier in a folder, in the format of checkpoints; only the newest is kept. */
export const layerClassifier = ({ directory }: Pick<FileSystemOptions, "directory">) =>
  Layer.effect(
    ClassifierStore,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      // The store is there before the folder is held, and by whom it is written is known only then.
      const permit = yield* Ref.make<FolderLock["Service"]["permit"]>(() => Effect.void)
      const files = guardedFileSystem(fs, (change) => Effect.flatMap(Ref.get(permit), (ask) => ask(change)))
      const store = yield* Effect.provide(
        CheckpointStore,
        Layer.provide(
          layerFileSystem({ directory, keep: 1 }),
          Layer.merge(Layer.succeed(FileSystem.FileSystem, files), Layer.succeed(Path.Path, path))
        )
      )
      return ClassifierStore.of({
        ...store,
        hold: (effect) =>
          Effect.gen(function* () {
            yield* Ref.set(permit, (yield* FolderLock).permit)
            return yield* effect
          }).pipe(
            holdFolder(directory),
            Effect.provideService(FileSystem.FileSystem, fs),
            Effect.provideService(Path.Path, path)
          )
      })
    })
  )

/** A classifier that lives as long as the layer. */
export const layerClassifierMemory: Layer.Layer<ClassifierStore> = Layer.effect(
  ClassifierStore,
  Effect.map(CheckpointStore, (store) => ClassifierStore.of({ ...store, hold: (effect) => effect }))
).pipe(Layer.provide(Layer.fresh(layerMemory)))
