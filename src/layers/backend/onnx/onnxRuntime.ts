import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ort from "onnxruntime-node"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import {
  drawNoise,
  guarded,
  noiseSources,
  nothingRun,
  placeholderNumbers,
  requireCall,
  requireTensors
} from "../border.ts"
import { type BackendError, type Executable, type StepCall, TensorBackend } from "../TensorBackend.ts"
import { inputName, type LoweredProgram, lowerProgram } from "./lowering.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"
import { engineError, fromOrt, toFloat32, toOrt } from "./ortTensors.ts"
import { type OnnxProvider, type OnnxProviderName, startFirstProvider } from "./providers.ts"
import { makeResidentExecutable } from "./residentExecutable.ts"
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
        compile: (program, state) => compile(provider, program, state)
      })
    )
  )

/**
 * The default backend: programs become one ONNX graph each, run by ONNX Runtime's native CPU provider, which ships
 * inside its npm package. Float32, one thread (its own threads hardly help graphs of small products); a program of several
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
  const { sessionOptions, operatorSet, stateOnDevice } = provider
  if (program.shards !== undefined && provider.name === "cpu") {
    const opened = yield* openShardedExecutable(provider, program, program.shards, initial)
    return yield* guarded({ backend, program: name }, opened)
  }
  const lowered = lowerProgram(program)
  if (stateOnDevice) {
    return yield* guarded(
      { backend, program: name },
      yield* makeResidentExecutable(provider, program, lowered, initial)
    )
  }
  const session = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => ort.InferenceSession.create(encodeOnnxModel(lowered.graph, operatorSet), sessionOptions),
      catch: (cause) => engineError(backend, name, "compile", cause)
    }),
    (open) => Effect.promise(() => open.release())
  )
  return yield* guarded({ backend, program: name }, makeExecutable(backend, program, lowered, session, initial))
})

const makeExecutable = <Input extends string, Output extends string>(
  backend: string,
  program: Program<Input, Output>,
  lowered: LoweredProgram,
  session: ort.InferenceSession,
  initial: NamedTensors
): Executable<Input, Output> => {
  const sources = noiseSources(program)
  // The executable owns these two cells. A failed run leaves them as they were.
  let state: NamedTensors = mapRecord(program.state, (_, path) => toFloat32(initial[path]))
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const feedsOf = (call: StepCall<Input>): Record<string, ort.Tensor> => {
    const noise = drawNoise(sources, call.noise)
    const feeds: Record<string, ort.Tensor> = {}
    for (const source of sources) {
      feeds[inputName(source)] = toOrt(source.shape, noise[source.parameters.stream])
    }
    const numbers = placeholderNumbers(program, state, call.inputs)
    for (const { name, shape } of lowered.graph.inputs) {
      if (numbers[name] !== undefined) feeds[name] = toOrt(shape, numbers[name])
    }
    return feeds
  }

  const step = Effect.fnUntraced(function* (call: StepCall<Input>) {
    yield* requireCall({ backend, program: program.name }, program, call)
    const results = yield* Effect.tryPromise({
      try: () => session.run(feedsOf(call)),
      catch: (cause) => engineError(backend, program.name, "run", cause)
    })
    const read = (name: string): TensorData => fromOrt(results[name])
    state = { ...state, ...mapRecord(lowered.next, read) }
    outputs = mapRecord(program.outputs, (_, name) => read(lowered.outputs[name] ?? ""))
  })

  return {
    step: (call) => Effect.uninterruptible(step(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined
        ? Effect.fail(nothingRun(backend, program.name))
        : Effect.succeed(mapRecord(outputs, toFloat32))
    ),
    readState: Effect.sync(() => mapRecord(state, toFloat32))
  }
}
