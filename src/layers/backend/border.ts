import * as Effect from "effect/Effect"
import { noiseNumbers } from "../../domain/random/noiseSource.ts"
import { inputsFirst } from "../../domain/tensor/order.ts"
import type { NamedExpressions, Program } from "../../domain/tensor/Program.ts"
import { formatShape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import type { Node, Tensor } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { BackendError } from "./TensorBackend.ts"

/** What every backend checks where numbers come in: each expected tensor is there and has the declared shape. */
export const requireTensors = (
  context: { readonly backend: string; readonly program: string; readonly during: "compile" | "run" },
  kind: "state" | "input",
  expected: NamedExpressions,
  given: NamedTensors
): Effect.Effect<void, BackendError> => {
  for (const [name, { shape }] of Object.entries(expected)) {
    const tensor = given[name]
    const found = tensor === undefined ? "nothing" : `${formatShape(tensor.shape)} with ${tensor.values.length} numbers`
    if (tensor === undefined || !sameShape(tensor.shape, shape) || tensor.values.length !== sizeOf(shape)) {
      const problem = `expected the ${kind} "${name}" of shape ${formatShape(shape)}, but was given ${found}`
      return Effect.fail(new BackendError({ ...context, problem }))
    }
  }
  return Effect.void
}

/** Everything a program computes: its next state, where that changes, and its outputs. */
export const programRoots = (program: Program): ReadonlyArray<Tensor> => [
  ...Object.values(program.next),
  ...Object.values(program.outputs)
]

/** The noise sources of a program, one for each stream. */
export const noiseSources = (program: Program): ReadonlyArray<Node<"noise">> =>
  inputsFirst(programRoots(program)).filter((node) => node.op === "noise")

/** The random numbers of a step, by stream. */
export const drawNoise = (
  sources: ReadonlyArray<Node<"noise">>,
  key: { readonly seed: number; readonly step: number }
): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(sources.map((source) => [source.parameters.stream, noiseNumbers(source, key)]))

/** The numbers of a program's placeholders by their names, from its state by path and its inputs by name. */
export const placeholderNumbers = (
  program: Program,
  state: NamedTensors,
  inputs: NamedTensors
): Readonly<Record<string, Float32Array | Float64Array>> => {
  const named = (expressions: NamedExpressions, given: NamedTensors) =>
    Object.entries(expressions).flatMap(([path, tensor]) => {
      const data = given[path]
      return tensor.op === "placeholder" && data !== undefined ? [[tensor.parameters.name, data.values] as const] : []
    })
  return Object.fromEntries([...named(program.state, state), ...named(program.inputs, inputs)])
}

/** The failure of reading outputs before the first step. */
export const nothingRun = (backend: string, program: string): BackendError =>
  new BackendError({ backend, program, during: "read", problem: "no step has been done yet" })
