import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { evaluate } from "../../domain/tensor/evaluate/evaluate.ts"
import type { Program } from "../../domain/tensor/Program.ts"
import type { Node } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import {
  drawNoise,
  guarded,
  noiseSources,
  nothingRun,
  placeholderNumbers,
  programRoots,
  requireCall,
  requireTensors
} from "./border.ts"
import { type Executable, type StepCall, TensorBackend } from "./TensorBackend.ts"

const backend = "reference"

/**
 * The backend that defines what programs mean: plain TypeScript in float64, nothing to install. Slow (some hundred times
 * slower than `OnnxRuntime`): for tests, finite differences, and checking engines.
 */
export const layerReference: Layer.Layer<TensorBackend> = Layer.succeed(
  TensorBackend,
  TensorBackend.of({
    name: backend,
    compile: Effect.fnUntraced(function* (program, state) {
      const context = { backend, program: program.name }
      yield* requireTensors({ ...context, during: "compile" }, "state", program.state, state)
      return yield* guarded(context, makeExecutable(program, state))
    })
  })
)

const makeExecutable = <Input extends string, Output extends string>(
  program: Program<Input, Output>,
  initial: NamedTensors
): Executable<Input, Output> => {
  const roots = programRoots(program)
  const sources = noiseSources(program)
  // The executable owns these two cells; everything else is a value.
  let state: NamedTensors = mapRecord(program.state, (_, path) => toFloat64(initial[path]))
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const advance = (call: StepCall<Input>): void => {
    const noise = drawNoise(sources, call.noise)
    const numbers = placeholderNumbers(program, state, call.inputs)
    const supply = (source: Node<"placeholder"> | Node<"noise">): Float64Array =>
      source.op === "noise"
        ? Float64Array.from(noise[source.parameters.stream] ?? [])
        : Float64Array.from(numbers[source.parameters.name] ?? [])
    const values = new Map(evaluate(roots, supply).map((value, i) => [roots[i], value]))
    const computed = (tensor: (typeof roots)[number]): TensorData => ({
      shape: tensor.shape,
      values: Float64Array.from(values.get(tensor) ?? [])
    })
    state = mapRecord(program.next, computed)
    outputs = mapRecord(program.outputs, computed)
  }

  return {
    step: (call) => Effect.map(requireCall({ backend, program: program.name }, program, call), () => advance(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined
        ? Effect.fail(nothingRun(backend, program.name))
        : Effect.succeed(mapRecord(outputs, toFloat64))
    ),
    readState: Effect.sync(() => mapRecord(state, toFloat64))
  }
}

const toFloat64 = (data: TensorData | undefined): TensorData => ({
  shape: data?.shape ?? [],
  values: Float64Array.from(data?.values ?? [])
})
