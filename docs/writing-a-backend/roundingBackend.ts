import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TensorBackend } from "fovea"
import {
  drawNoise,
  type Executable,
  evaluateNode,
  forEachBatch,
  inputsFirst,
  noiseSources,
  nothingRun,
  placeholderNumbers,
  programRoots,
  requireCall,
  requireTensors,
  type StepCall,
  serialised
} from "fovea/backend"
import type { Graph, NamedTensors, Tensor, TensorData } from "fovea/tensor"

const backend = "rounding"

/** An interpreter: one primitive after the other, every result rounded to float32, as an engine would leave it. */
export const layerRounding = Layer.succeed(
  TensorBackend,
  TensorBackend.of({
    name: backend,
    compile: Effect.fnUntraced(function* (program, state) {
      const context = { backend, program: program.name }
      yield* requireTensors({ ...context, during: "compile" }, "state", program.state, state)
      // A program for any batch is interpreted anew for each; an engine that takes shapes at run time need not.
      const at = (fixed: typeof program) => Effect.sync(() => interpreter(fixed, state))
      return yield* serialised(context, yield* forEachBatch(context, program, at))
    })
  })
)

const interpreter = <Input extends string, Output extends string>(
  program: Graph<Input, Output>,
  first: NamedTensors
): Executable<Input, Output> => {
  // What can be done once is done here: the order, and for a real engine its graph, kernels and memory.
  const order = inputsFirst(programRoots(program))
  const sources = noiseSources(program)
  let state: NamedTensors = mapValues(program.state, (_, path) => copy(first[path]))
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const advance = (call: StepCall<Input>): void => {
    const noise = drawNoise(sources, call.noise)
    const given = placeholderNumbers(program, state, call.inputs)
    const values = new Map<Tensor, Float32Array>()
    for (const node of order) {
      if (node.op === "placeholder") values.set(node, Float32Array.from(given[node.parameters.name] ?? []))
      else if (node.op === "noise") values.set(node, Float32Array.from(noise[node.parameters.stream] ?? []))
      else {
        const inputs = node.inputs.map((input) => Float64Array.from(values.get(input) ?? []))
        // Here stands the engine's own kernel for `node.op`.
        values.set(node, Float32Array.from(evaluateNode(node, inputs)))
      }
    }
    const result = (tensor: Tensor): TensorData => copy({ shape: tensor.shape, values: values.get(tensor) ?? none })
    // Only now, when nothing can fail any more.
    state = mapValues(program.next, result)
    outputs = mapValues(program.outputs, result)
  }

  return {
    step: (call) => Effect.map(requireCall({ backend, program: program.name }, program, call), () => advance(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined ? Effect.fail(nothingRun(backend, program.name)) : Effect.succeed(mapValues(outputs, copy))
    ),
    readState: Effect.sync(() => mapValues(state, copy))
  }
}

const none = new Float32Array(0)

const copy = (data: TensorData | undefined): TensorData => ({
  shape: data?.shape ?? [],
  values: Float32Array.from(data?.values ?? none)
})

const mapValues = <K extends string, From, To>(
  record: Readonly<Record<K, From>>,
  f: (value: From, key: K) => To
): Readonly<Record<K, To>> =>
  // `Object.entries` and `fromEntries` forget which keys there are.
  Object.fromEntries(Object.entries<From>(record).map(([key, value]) => [key, f(value, key as K)])) as Readonly<
    Record<K, To>
  >
