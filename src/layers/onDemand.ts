import "./machine/withoutTelemetry.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type { OnnxProviderName } from "./backend/onnx/providers.ts"
import { BackendError, type TensorBackend } from "./backend/TensorBackend.ts"
import type { Dataset, DatasetError } from "./dataset/Dataset.ts"
import type { ImageFolderOptions } from "./dataset/folder/imageFolder.ts"
import type { FeatureError, FeatureExtractor } from "./features/FeatureExtractor.ts"
import type { OnnxFeaturesOptions } from "./features/onnxFeatures.ts"
import type { ImageWriter } from "./image/ImageWriter.ts"
import type { TrainingLog, TrainingLogError } from "./log/TrainingLog.ts"
import type { TensorBoardOptions } from "./log/tensorBoard.ts"
import { QueueError } from "./queue/queueErrors.ts"
import type { Database } from "./sql/Database.ts"

// Engines and codecs are loaded when their layer is built, not when the library is imported.

/**
 * ONNX Runtime on another device: `cuda` (NVIDIA, by CUDA 12), `webgpu` (any GPU with Vulkan, Metal or Direct3D 12), or
 * `cpu`. The first of `providers` that can be had is taken; `name` says which (`onnxruntime-webgpu`), and if there was a
 * choice, the log does. What is not in the list is never taken: building the layer fails with a `BackendError` if none of it can
 * be had.
 */
export const layerOnnxRuntimeWith = (options: {
  readonly providers: ReadonlyArray<OnnxProviderName>
}): Layer.Layer<TensorBackend, BackendError> =>
  Layer.unwrap(Effect.map(onnxModule, (module) => module.layerOnnxRuntimeWith(options)))

const onnxModule = Effect.tryPromise({
  try: () => import("./backend/onnx/onnxRuntime.ts"),
  catch: (cause) =>
    new BackendError({
      backend: "onnxruntime",
      program: "start of the engine",
      during: "start",
      problem: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
      cause
    })
})

/**
 * The default backend: programs become ONNX graphs, run by ONNX Runtime's native CPU provider, which ships inside its npm
 * package, and kernels for what only passes over the state. Float32; a program of several shards has a worker thread for each,
 * and when one of them dies, its executable fails from then on.
 *
 * Building the layer makes denormal numbers count as zero on the calling thread, for the life of the process. Fails with a
 * `BackendError` if the engine cannot be loaded.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Backends, TensorBackend } from "fovea"
 *
 * const name = Effect.map(TensorBackend, ({ name }) => name)
 * console.log(await Effect.runPromise(Effect.provide(name, Backends.onnxRuntime))) // onnxruntime-cpu
 * ```
 */
export const layerOnnxRuntime: Layer.Layer<TensorBackend, BackendError> = layerOnnxRuntimeWith({ providers: ["cpu"] })

/** Images by the `sharp` package (libvips), which brings its binaries along as packages. */
export const layerSharp: Layer.Layer<ImageWriter, never, FileSystem.FileSystem | Path.Path> = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("./image/sharp.ts")),
    (module) => module.layerSharp
  )
)

/**
 * A folder of images as a data set, divided into training, validation and test images; see `docs/data.md` for what is read and how.
 * Fails with a `DatasetError` that names the file, or the folder and the setting.
 */
export const layerImageFolder = (
  options: ImageFolderOptions
): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem | Path.Path> =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./dataset/folder/imageFolder.ts")),
      (module) => module.layerImageFolder(options)
    )
  )

/**
 * Writes what TensorBoard shows, while the run goes on: metrics as scalars by update; written PNG images as images;
 * of every checkpoint in a folder, histograms of the networks' parameters; settings and warnings as text.
 * Fails with a `TrainingLogError` if the event file cannot be opened or written.
 */
export const layerTensorBoard = (
  options: TensorBoardOptions
): Layer.Layer<TrainingLog, TrainingLogError, FileSystem.FileSystem | Path.Path> =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./log/tensorBoard.ts")),
      (module) => module.layerTensorBoard(options)
    )
  )

/**
 * Any ONNX file as the network of features: one input of images, one output that is a vector for each, run by ONNX Runtime on the
 * processor. Fails with a `FeatureError` that names the file for anything else.
 */
export const layerOnnxFeatures = (
  options: OnnxFeaturesOptions
): Layer.Layer<FeatureExtractor, FeatureError, FileSystem.FileSystem> =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./features/onnxFeatures.ts")),
      (module) => module.layerOnnxFeatures(options)
    )
  )

/** The writer of `.onnx` files. */
export const onnxFileFormat = Effect.promise(() => import("./exchange/onnxExport.ts"))

/** A store of sweeps by its address. */
export interface StoreOptions {
  /** `sqlite:FILE`, for one machine; or `postgres://USER@HOST:PORT/DATABASE`, which holds no password. */
  readonly address: string
  /** Whether a store is made where there is none: in a new file, or in an empty database (yes if not given). */
  readonly create?: boolean | undefined
}

/**
 * The database of a store of sweeps, on which `layerSql` of the queue and of checkpoints are built. Fails with a `QueueError` for an
 * address that is none, a database that is no store, one of a newer version, or a wrong password, which is never told.
 */
export const layerStore = ({
  address,
  create
}: StoreOptions): Layer.Layer<Database, QueueError, FileSystem.FileSystem | Path.Path> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const file = /^sqlite:(.+)$/s.exec(address)?.[1]
      if (file !== undefined) {
        const { layerSqlite } = yield* Effect.promise(() => import("./sql/sqlite.ts"))
        return layerSqlite({ file, create })
      }
      if (/^postgres(ql)?:/.test(address)) {
        const { layerPostgres } = yield* postgresModule
        return layerPostgres({ url: address, create })
      }
      const detail = "its address must be sqlite:FILE or postgres://USER@HOST:PORT/DATABASE"
      return yield* new QueueError({ store: "of sweeps", action: "be opened", detail })
    })
  )

/** A store in the memory of this process, as long as its layer lives. */
export const layerStoreInMemory: Layer.Layer<Database> = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("./sql/sqlite.ts")),
    (module) => module.layerSqliteMemory
  )
)

const postgresModule = Effect.tryPromise({
  try: () => import("./sql/postgres.ts"),
  catch: () =>
    new QueueError({
      store: "postgres",
      action: "be opened",
      detail: "the package @effect/sql-pg cannot be loaded. Run npm install @effect/sql-pg@4.0.5"
    })
})
