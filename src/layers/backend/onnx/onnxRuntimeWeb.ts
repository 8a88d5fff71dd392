import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BackendError, TensorBackend } from "../TensorBackend.ts"
import { requireTensors, serialised } from "../validation.ts"
import { forWebGpu } from "./forWebGpu.ts"
import { firstLine, type OnnxProvider, runOneOperator } from "./OnnxProvider.ts"
import { openOnnxExecutable } from "./onnxExecutable.ts"

/** What onnxruntime-web computes with: the processor, by WebAssembly, or a GPU. */
export type WebProviderName = "wasm" | "webgpu"

/** How the engine is started in a browser. */
export interface OnnxRuntimeWebOptions {
  /** `wasm` if left out. What is asked for is never replaced by the other. */
  readonly provider?: WebProviderName
  /** The engine's WebAssembly: the address of its folder (ending in `/`), or its bytes. If left out, it is looked for next to the engine's script. */
  readonly wasm?: string | Uint8Array
}

/**
 * ONNX Runtime in a browser, on its main thread or in a worker, by the package onnxruntime-web, which is loaded now: float32, one thread, programs of
 * one shard, and the library's own kernels for what only passes over the state. On a GPU the state stays there, and what the engine is known to compute wrongly is written
 * otherwise (see `docs/browser.md`).
 *
 * Fails with a `BackendError` that says what is missing: the package, WebGPU in this browser, or a GPU.
 */
export const layerOnnxRuntimeWeb = (options: OnnxRuntimeWebOptions = {}): Layer.Layer<TensorBackend, BackendError> =>
  Layer.effect(
    TensorBackend,
    Effect.map(startWebProvider(options), (provider) =>
      TensorBackend.of({
        name: provider.backend,
        compile: Effect.fn("OnnxRuntimeWeb.compile")(function* (given, initial) {
          const program = provider.prepared(given)
          const context = { backend: provider.backend, program: program.name }
          yield* requireTensors({ ...context, during: "compile" }, "state", program.state, initial)
          return yield* serialised(context, yield* openOnnxExecutable(provider, program, initial))
        })
      })
    )
  )

const install = "npm install onnxruntime-web@1.30.0"

const startWebProvider = Effect.fnUntraced(function* ({
  provider: name = "wasm",
  wasm
}: OnnxRuntimeWebOptions): Effect.fn.Return<OnnxProvider, BackendError> {
  const backend = `onnxruntime-web-${name}`
  const failed = (problem: string, cause?: unknown) =>
    new BackendError({ backend, program: "start of the engine", during: "start", problem, cause })
  if (name === "webgpu" && !("navigator" in globalThis && "gpu" in navigator)) {
    return yield* failed("this browser has no WebGPU (navigator.gpu), or this page is not from a secure origin")
  }
  const library = yield* Effect.tryPromise({
    // Two literals, so that a bundler sees what it is to bring along.
    try: () => (name === "webgpu" ? import("onnxruntime-web/webgpu") : import("onnxruntime-web/wasm")),
    catch: (cause) => failed(`the package onnxruntime-web does not load; install it with "${install}"`, cause)
  })
  // More threads hardly help graphs of small products, and need headers of the server.
  library.env.wasm.numThreads = 1
  library.env.logLevel = "error"
  if (typeof wasm === "string") library.env.wasm.wasmPaths = wasm
  else if (wasm !== undefined) library.env.wasm.wasmBinary = wasm
  const provider: OnnxProvider = {
    library,
    backend,
    sessionOptions: {
      graphOptimizationLevel: "all",
      executionProviders: [name],
      // An operator without a kernel on the GPU is an error, and not left to the processor without a word.
      ...(name === "webgpu" ? { extra: { session: { disable_cpu_ep_fallback: "1" } } } : {})
    },
    operatorSet: 21,
    convolutions: "operators",
    onThreads: false,
    resultsInPlace: false,
    stateOnDevice: name === "webgpu",
    prepared: name === "webgpu" ? forWebGpu : (program) => program
  }
  yield* Effect.tryPromise({
    try: () => runOneOperator(library, provider.sessionOptions),
    catch: (cause) => failed(firstLine(cause), cause)
  })
  return provider
})
