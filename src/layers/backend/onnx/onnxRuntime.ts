import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { requireMemory } from "../requireMemory.ts"
import { type BackendError, TensorBackend } from "../TensorBackend.ts"
import { requireTensors, serialised } from "../validation.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { openOnnxExecutable, withoutShards } from "./onnxExecutable.ts"
import { profileRun } from "./profileRun.ts"
import { type OnnxProviderName, startFirstProvider } from "./providers.ts"
import { openShardedExecutable } from "./shardedExecutable.ts"

/**
 * ONNX Runtime on another device: `cuda` (NVIDIA, by CUDA 12), `webgpu` (any GPU with Vulkan, Metal or Direct3D 12), or
 * `cpu`. The first of `providers` that can be had is taken; `name` says which (`onnxruntime-webgpu`), and if there was a
 * choice, the log does. What is not in the list is never taken: building the layer fails if none of it can be had.
 */
export const layerOnnxRuntimeWith = (options: {
  readonly providers: ReadonlyArray<OnnxProviderName>
}): Layer.Layer<TensorBackend, BackendError> =>
  Layer.effect(
    TensorBackend,
    Effect.map(startFirstProvider(options.providers), (provider) =>
      TensorBackend.of({
        name: provider.backend,
        ...(provider.onThreads ? { parallelism: availableParallelism() } : {}),
        compile: (program, state) => compile(provider, program, state),
        ...(provider.stateOnDevice
          ? {}
          : {
              profile: (program, state, calls) =>
                profileRun(provider, withoutShards(provider.prepared(program)), state, calls)
            })
      })
    )
  )

/**
 * The default backend: programs become ONNX graphs, run by ONNX Runtime's native CPU provider, which ships inside its npm
 * package, and kernels for what only passes over the state. Float32, one thread (its own threads hardly help graphs of small products); a program of several
 * shards has a worker thread for each, and when one of them dies, its executable fails from then on.
 *
 * Building the layer makes denormal numbers count as zero on the calling thread, for the life of the process.
 */
export const layerOnnxRuntime: Layer.Layer<TensorBackend, BackendError> = layerOnnxRuntimeWith({
  providers: ["cpu"]
})

const compile = Effect.fn("OnnxRuntime.compile")(function* <Input extends string, Output extends string>(
  provider: OnnxProvider,
  given: Program<Input, Output>,
  initial: NamedTensors
) {
  const { backend } = provider
  const program = provider.prepared(given)
  const context = { backend, program: program.name }
  yield* requireTensors({ ...context, during: "compile" }, "state", program.state, initial)
  if (provider.onThreads) yield* requireMemory(context, program)
  const open = program.shards !== undefined && provider.onThreads ? openShardedExecutable : openOnnxExecutable
  return yield* serialised(context, yield* open(provider, program, initial))
})
