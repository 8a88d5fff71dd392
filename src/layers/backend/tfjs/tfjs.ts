import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { requireMemory } from "../requireMemory.ts"
import { type BackendError, TensorBackend } from "../TensorBackend.ts"
import { forEachBatch, requireTensors, serialised } from "../validation.ts"
import { lowerProgram } from "./lowering.ts"
import {
  importTfjs,
  leaveOneDnnOut,
  startError,
  supplyIsNullOrUndefined,
  type TfjsPackages,
  tensorflowFault
} from "./packages.ts"
import { profileRun } from "./profileRun.ts"
import { type EngineOptions, startEngine, type TfjsEngine } from "./TfjsEngine.ts"
import { makeTfjsExecutable } from "./tfjsExecutable.ts"

/**
 * TensorFlow.js on plain JavaScript. Slow: for machines where nothing native runs, and for comparing backends. Fails if the
 * package is missing.
 */
export const layerTfjsCpu: Layer.Layer<TensorBackend, BackendError> = Layer.suspend(() =>
  layerOf("tfjs-cpu", cpuPackages, { backendName: "cpu" })
)

/** TensorFlow.js on WebAssembly (SIMD, one thread): the quick one without native code. Fails if a package is missing. */
export const layerTfjsWasm: Layer.Layer<TensorBackend, BackendError> = Layer.suspend(() =>
  layerOf("tfjs-wasm", wasmPackages, { backendName: "wasm" })
)

/**
 * TensorFlow.js on native TensorFlow (CPU). Fails if the package or its native library is missing, or if this process has
 * loaded tfjs-node-gpu: tfjs keeps one TensorFlow to a process, the first. oneDNN's kernels are left out unless the
 * environment variable `TF_ENABLE_ONEDNN_OPTS` says otherwise.
 */
export const layerTfjsNode: Layer.Layer<TensorBackend, BackendError> = Layer.suspend(() =>
  layerOf("tfjs-node", nodePackages("@tensorflow/tfjs-node"), tensorflow)
)

/**
 * TensorFlow.js on native TensorFlow for CUDA. Fails if the package or its native library is missing. Where there is no
 * CUDA device, TensorFlow itself goes on with the CPU. What else is said of `layerTfjsNode` holds here too. Importing the package (it does so itself) makes `tensorflow` the
 * active backend of tfjs in this process, as with `layerTfjsNode`; steps then leave that as it is.
 */
export const layerTfjsNodeGpu: Layer.Layer<TensorBackend, BackendError> = Layer.suspend(() =>
  layerOf("tfjs-node-gpu", nodePackages("@tensorflow/tfjs-node-gpu", needsCuda), tensorflow)
)

const version = "4.22.0"

const cpuPackages: TfjsPackages = {
  core: "@tensorflow/tfjs-core",
  others: ["@tensorflow/tfjs-backend-cpu"],
  install: `npm install @tensorflow/tfjs-core@${version} @tensorflow/tfjs-backend-cpu@${version}`
}

const wasmPackages: TfjsPackages = {
  core: "@tensorflow/tfjs-core",
  others: ["@tensorflow/tfjs-backend-wasm"],
  install: `npm install @tensorflow/tfjs-core@${version} @tensorflow/tfjs-backend-wasm@${version}`
}

const needsCuda =
  "It needs an NVIDIA GPU, CUDA 11.x and cuDNN 8, and downloads TensorFlow's native library when it is installed; without a GPU use Backends.onnxRuntime or Backends.tfjsNode"

const nodePackages = (
  name: string,
  needs = "It downloads TensorFlow's native library when it is installed"
): TfjsPackages => ({ core: name, others: [], install: `npm install ${name}@${version}`, needs })

const tensorflow: EngineOptions = { backendName: "tensorflow", usesActiveBackend: true }

const layerOf = (
  name: string,
  packages: TfjsPackages,
  options: EngineOptions
): Layer.Layer<TensorBackend, BackendError> =>
  Layer.effect(
    TensorBackend,
    Effect.gen(function* () {
      if (options.backendName === "tensorflow") {
        supplyIsNullOrUndefined()
        leaveOneDnnOut()
      }
      const core = yield* importTfjs(name, packages)
      const engine = yield* Effect.tryPromise({
        try: () => startEngine(core, options),
        catch: (cause) => startError(name, cause instanceof Error ? cause.message : JSON.stringify(cause), cause)
      })
      const fault = tensorflowFault(packages.core, engine.backend)
      if (fault !== undefined) return yield* startError(name, fault)
      return TensorBackend.of({
        name,
        compile: (program, state) => compile(name, engine, program, state),
        profile: (program, state, calls) => profileRun(name, engine, program, state, calls)
      })
    })
  )

const compile = Effect.fn("Tfjs.compile")(function* <Input extends string, Output extends string>(
  backend: string,
  engine: TfjsEngine,
  program: Program<Input, Output>,
  state: NamedTensors
) {
  const context = { backend, program: program.name }
  yield* requireTensors({ ...context, during: "compile" }, "state", program.state, state)
  if (backend !== "tfjs-node-gpu") yield* requireMemory(context, program)
  const at = (fixed: Program<Input, Output>) =>
    Effect.suspend(() => makeTfjsExecutable(context, engine, fixed, lowerProgram(fixed, engine), state))
  return yield* serialised(context, yield* forEachBatch(context, program, at))
})
