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
import { BackendError, type Executable, type StepCall, TensorBackend } from "../TensorBackend.ts"
import { flushDenormals } from "./flushDenormals.ts"
import { inputName, type LoweredProgram, lowerProgram } from "./lowering.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"

const backend = "onnxruntime-cpu"

/**
 * The default backend: programs become one ONNX graph each, run by ONNX Runtime's native CPU provider, which ships
 * inside its npm package. Float32, one thread (its own threads hardly help graphs of small products).
 * Building the layer makes denormal numbers count as zero on the calling thread, for the life of the process.
 */
export const layerOnnxRuntime: Layer.Layer<TensorBackend, BackendError> = Layer.effect(
  TensorBackend,
  Effect.gen(function* () {
    yield* flushDenormals
    return TensorBackend.of({ name: backend, compile })
  })
)

const compile = Effect.fn("OnnxRuntime.compile")(function* <Input extends string, Output extends string>(
  program: Program<Input, Output>,
  initial: NamedTensors
) {
  const { name } = program
  yield* requireTensors({ backend, program: name, during: "compile" }, "state", program.state, initial)
  const lowered = lowerProgram(program)
  const session = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => ort.InferenceSession.create(encodeOnnxModel(lowered.graph), sessionOptions),
      catch: (cause) => engineError(name, "compile", cause)
    }),
    (open) => Effect.promise(() => open.release())
  )
  return yield* guarded({ backend, program: name }, makeExecutable(program, lowered, session, initial))
})

const sessionOptions: ort.InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3
}

const makeExecutable = <Input extends string, Output extends string>(
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
      catch: (cause) => engineError(program.name, "run", cause)
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

/** A copy, in float32. */
const toFloat32 = (data: TensorData | undefined): TensorData => ({
  shape: data?.shape ?? [],
  values: Float32Array.from(data?.values ?? [])
})

const toOrt = (shape: ReadonlyArray<number>, values: Float32Array | Float64Array | undefined): ort.Tensor =>
  new ort.Tensor("float32", values instanceof Float32Array ? values : Float32Array.from(values ?? []), shape)

const fromOrt = (tensor: ort.Tensor | undefined): TensorData => {
  const values = tensor?.data
  if (tensor === undefined || !(values instanceof Float32Array))
    throw new Error("internal: a result is missing or not float32")
  return { shape: tensor.dims, values }
}

/** ONNX Runtime names the operator it stumbled over as the emitter labelled it. */
const engineError = (program: string, during: "compile" | "run", cause: unknown): BackendError => {
  const problem = cause instanceof Error ? cause.message : String(cause)
  const primitive = /Name:'([^']*)\/\d+'|node_name: ([^/]*)\/\d+|Node \(([^)]*\)[^/]*)\/\d+/
    .exec(problem)
    ?.slice(1)
    .find((found) => found !== undefined)
  return new BackendError({
    backend,
    program,
    during,
    problem,
    cause,
    ...(primitive === undefined ? {} : { primitive })
  })
}
