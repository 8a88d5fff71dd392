import { evaluateNode } from "../../domain/tensor/evaluate/evaluate.ts"
import { inputsFirst } from "../../domain/tensor/order.ts"
import type { Program } from "../../domain/tensor/Program.ts"
import { signatureOf } from "../../domain/tensor/print.ts"
import type { Tensor } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { isEnough, kernelTimes, type Profile, warmUp } from "./Profile.ts"
import type { StepCall } from "./TensorBackend.ts"
import { drawNoise, noiseSources, placeholderNumbers, programRoots } from "./validation.ts"

/** Evaluates a program of one shard with a clock around each primitive, every step from the same state. */
export const referenceProfile = (program: Program, state: NamedTensors, calls: ReadonlyArray<StepCall>): Profile => {
  const order = inputsFirst(programRoots(program))
  const sources = noiseSources(program)
  const times = new Map<Tensor, Array<number>>()
  const began = performance.now()
  let steps = 0
  for (const { inputs, noise } of calls) {
    if (isEnough(steps, performance.now() - began)) break
    steps += 1
    const placeholders = new Map(Object.entries(placeholderNumbers(program, state, inputs)))
    const drawn = new Map(Object.entries(drawNoise(sources, noise)))
    const values = new Map<Tensor, Float64Array>()
    const numbersOf = (node: Tensor): Float64Array => values.get(node) ?? new Float64Array(0)
    for (const node of order) {
      if (node.op === "placeholder") {
        values.set(node, Float64Array.from(placeholders.get(node.parameters.name) ?? []))
      } else if (node.op === "noise") {
        values.set(node, Float64Array.from(drawn.get(node.parameters.stream) ?? []))
      } else {
        const start = performance.now()
        values.set(node, evaluateNode(node, node.inputs.map(numbersOf)))
        const own = times.get(node) ?? []
        times.set(node, own)
        own.push(performance.now() - start)
      }
    }
  }
  return {
    how: `by a clock around each primitive in float64, medians of ${steps - warmUp} steps`,
    kernels: kernelTimes(
      [...times].map(([node, own]) => ({ signature: signatureOf(node), operator: node.op, times: own.slice(warmUp) }))
    )
  }
}
