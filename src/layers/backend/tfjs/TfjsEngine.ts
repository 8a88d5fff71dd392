import { own } from "../../../domain/record/own.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import type { TensorData } from "../../../domain/tensor/TensorData.ts"

/** What tfjs knows a tensor by: where its backend keeps the numbers, and how they are to be read. */
export interface TensorHandle {
  readonly dataId: object
  readonly shape: Array<number>
  readonly dtype: string
  /** Only TensorFlow's kernels give whole tensors, which tfjs counts and frees itself. */
  readonly dispose?: () => void
}

/** What a kernel is given: one tensor by name, or a list of them (`Concat`). */
export type KernelInputs = Readonly<Record<string, TensorHandle>> | ReadonlyArray<TensorHandle>

/** A kernel of one backend, as tfjs registers it. */
export type KernelFunction = (call: {
  readonly inputs: KernelInputs
  readonly attrs: Readonly<Record<string, unknown>>
  readonly backend: KernelBackend
}) => TensorHandle | ReadonlyArray<TensorHandle>

/** The part of a tfjs backend that is used here. */
export interface KernelBackend {
  readonly write: (values: Float32Array, shape: Shape, dtype: string) => object
  readonly readSync: (dataId: object) => Float32Array
  readonly disposeData: (dataId: object) => boolean
  readonly numDataIds: () => number
  /** The cpu backend's, which otherwise recommends another package on stderr. */
  firstUse?: boolean
  /** The tensorflow backend's: whether it is tfjs-node-gpu's and not tfjs-node's. */
  readonly isGPUPackage?: boolean
}

/** The part of `@tensorflow/tfjs-core` that is used here: its global engine and its registry of kernels. */
export interface TfjsCore {
  readonly engine: () => GlobalEngine
  readonly getKernel: (kernel: string, backend: string) => { readonly kernelFunc: KernelFunction } | undefined
  readonly getKernelsForBackend: (
    backend: string
  ) => ReadonlyArray<{ readonly setupFunc?: ((backend: KernelBackend) => void) | undefined }>
}

interface GlobalEngine {
  /** The active backend, or none; its instance is private in tfjs's declarations. */
  backendName: string | undefined
  backendInstance: KernelBackend | undefined
  readonly registry: Record<string, KernelBackend | undefined>
  readonly findBackendFactory: (name: string) => (() => KernelBackend | Promise<KernelBackend>) | null
  readonly makeTensorFromDataId: (
    dataId: object,
    shape: Shape,
    dtype: string,
    backend: KernelBackend
  ) => TensorHandle & { kept: boolean }
  /** Frees what is made meanwhile, except for what is returned. */
  readonly tidy: <A>(calls: () => A) => A
}

/**
 * One backend of tfjs, whose kernels are called by name past tfjs's own dispatch: no tape, no scopes, and whichever
 * backend is active for others does not matter and stays so. All that is here is synchronous.
 */
export interface TfjsEngine {
  /** As tfjs names it: `cpu`, `wasm`, `tensorflow`. */
  readonly backendName: string
  readonly backend: KernelBackend
  /** A kernel, with its surroundings. Throws an `Error` if the backend has none of that name. */
  readonly kernel: (
    name: string
  ) => (inputs: KernelInputs, attributes: Readonly<Record<string, unknown>>) => TensorHandle
  /** A tensor of a copy of these numbers. */
  readonly upload: (data: TensorData) => TensorHandle
  /** A copy of a tensor's numbers. */
  readonly read: (tensor: TensorHandle) => Float32Array
  readonly release: (tensor: TensorHandle) => void
  /** Runs what calls kernels. */
  readonly run: <A>(calls: () => A) => A
}

/** What makes one backend differ from another. */
export interface EngineOptions {
  readonly backendName: string
  /**
   * Whether the kernels ask tfjs's global engine for its active backend, as TensorFlow's do: then this one is made active
   * for as long as a (synchronous) run takes, and what was active before is put back.
   */
  readonly usesActiveBackend?: boolean
}

/**
 * Starts a backend of tfjs, or takes the one of the process if others have started it, without making it the active one.
 * Throws what its factory throws, or an `Error` if tfjs knows no such backend.
 */
export const startEngine = async (core: TfjsCore, options: EngineOptions): Promise<TfjsEngine> => {
  const { backendName, usesActiveBackend = false } = options
  const engine = core.engine()
  const backend = await startBackend(core, backendName)
  return {
    backendName,
    backend,
    kernel: (name) => {
      const kernel = core.getKernel(name, backendName)?.kernelFunc
      if (kernel === undefined) throw new Error(`tfjs's backend "${backendName}" has no kernel "${name}"`)
      if (!usesActiveBackend) return (inputs, attrs) => onlyOne(kernel({ inputs, attrs, backend }))
      // Some of TensorFlow's kernels leave tensors of their own behind. Its results may be freed by nobody but us, even
      // where the caller has tidied up around us.
      return (inputs, attrs) =>
        Object.assign(
          engine.tidy(() => onlyOne(kernel({ inputs, attrs, backend }))),
          { kept: true }
        )
    },
    upload: ({ shape, values }) => {
      const dataId = backend.write(Float32Array.from(values), shape, "float32")
      if (!usesActiveBackend) return { dataId, shape: [...shape], dtype: "float32" }
      const tensor = engine.makeTensorFromDataId(dataId, shape, "float32", backend)
      tensor.kept = true
      return tensor
    },
    // A backend may hand out its own memory, or a part of a larger one.
    read: ({ dataId }) => Float32Array.from(backend.readSync(dataId)),
    release: (tensor) => {
      if (tensor.dispose === undefined) backend.disposeData(tensor.dataId)
      else tensor.dispose()
    },
    run: (calls) => (usesActiveBackend ? whileActive(engine, backendName, backend, calls) : calls())
  }
}

const onlyOne = (result: TensorHandle | ReadonlyArray<TensorHandle>): TensorHandle => {
  const tensor = "dataId" in result ? result : result[0]
  if (tensor === undefined) throw new Error("internal: a kernel gave no tensor")
  return tensor
}

/** Starting a backend takes time: those who ask for one meanwhile get the same. */
const starting = new WeakMap<GlobalEngine, Map<string, Promise<KernelBackend>>>()

const startBackend = (core: TfjsCore, name: string): Promise<KernelBackend> => {
  const engine = core.engine()
  const known = starting.get(engine) ?? new Map<string, Promise<KernelBackend>>()
  starting.set(engine, known)
  const started = own(engine.registry, name)
  if (started !== undefined) return Promise.resolve(started)
  const pending = known.get(name) ?? startAnew(core, name).finally(() => known.delete(name))
  known.set(name, pending)
  return pending
}

const startAnew = async (core: TfjsCore, name: string): Promise<KernelBackend> => {
  const engine = core.engine()
  const factory = engine.findBackendFactory(name)
  if (factory === null || factory === undefined) throw new Error(`tfjs knows no backend "${name}"`)
  const made = await factory()
  const backend = own(engine.registry, name) ?? made
  engine.registry[name] = backend
  if (backend.firstUse === true) backend.firstUse = false
  for (const { setupFunc } of core.getKernelsForBackend(name)) setupFunc?.(backend)
  return backend
}

const whileActive = <A>(engine: GlobalEngine, name: string, backend: KernelBackend, calls: () => A): A => {
  const { backendName, backendInstance } = engine
  engine.backendName = name
  engine.backendInstance = backend
  try {
    return calls()
  } finally {
    engine.backendName = backendName
    engine.backendInstance = backendInstance
  }
}
