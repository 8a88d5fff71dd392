import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { requireMemory } from "../requireMemory.ts"
import { type BackendError, type Executable, type StepCall, TensorBackend } from "../TensorBackend.ts"
import { forEachBatch, nothingRun, requireCall, requireTensors, serialised } from "../validation.ts"
import { lowerProgram } from "./lowering.ts"
import { engineError, toFloat32 } from "./ortTensors.ts"
import { profileRun } from "./profileRun.ts"
import { type OnnxProvider, type OnnxProviderName, startFirstProvider } from "./providers.ts"
import { makeResidentExecutable } from "./residentExecutable.ts"
import { openRunner } from "./ShardRunner.ts"
import { openShardedExecutable } from "./shardedExecutable.ts"
import { planShards } from "./shardPlan.ts"

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
        ...(provider.name === "cpu" ? { parallelism: availableParallelism() } : {}),
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
  const { name } = program
  yield* requireTensors({ backend, program: name, during: "compile" }, "state", program.state, initial)
  if (provider.name === "cpu") yield* requireMemory({ backend, program: name }, program)
  if (program.shards !== undefined && provider.name === "cpu") {
    const opened = yield* openShardedExecutable(provider, program, initial)
    return yield* serialised({ backend, program: name }, opened)
  }
  if (!provider.stateOnDevice) {
    return yield* serialised({ backend, program: name }, yield* openExecutable(provider, program, initial))
  }
  const at = (fixed: Program<Input, Output>) =>
    Effect.suspend(() => makeResidentExecutable(provider, fixed, lowerProgram(fixed), initial))
  const context = { backend, program: name }
  return yield* serialised(context, yield* forEachBatch(context, program, at))
})

/** Runs a program of one shard on the calling thread. */
const openExecutable = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  { backend, sessionOptions, operatorSet }: OnnxProvider,
  program: Program<Input, Output>,
  initial: NamedTensors
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  const { name } = program
  const first = mapRecord(program.state, (_, path) => toFloat32(own(initial, path)))
  const runner = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => openRunner({ sessionOptions, plan: planShards(withoutShards(program), operatorSet), first }),
      catch: (cause) => engineError(backend, name, "compile", cause)
    }),
    ({ close }) => Effect.promise(close)
  )
  // A failed step leaves it as it was.
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const step = Effect.fnUntraced(function* (call: StepCall<Input>) {
    yield* requireCall({ backend, program: name }, program, call)
    const made = yield* Effect.tryPromise({
      try: () => runner.step(call.inputs, call.noise),
      catch: (cause) => engineError(backend, name, "run", cause)
    })
    outputs = mapRecord(program.outputs, (_, output) => toFloat32(made?.[output]))
  })

  return {
    step: (call) => Effect.uninterruptible(step(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined ? Effect.fail(nothingRun(backend, name)) : Effect.succeed(mapRecord(outputs, toFloat32))
    ),
    readState: Effect.sync(runner.readState)
  }
})

/** The program as far as one thread is concerned: steps of one made for several shards are refused before they begin. */
const withoutShards = ({ shards: _, ...program }: Program): Program => program
