import * as fc from "fast-check"
import { add, multiply } from "../domain/tensor/arithmetic.ts"
import { tanh } from "../domain/tensor/elementwise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { makeProgram, type Program } from "../domain/tensor/Program.ts"
import { sizeOf } from "../domain/tensor/Shape.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import type { StepCall } from "../layers/backend/TensorBackend.ts"
import { bentLoss } from "./losses.ts"
import { asTensors, float32 } from "./programs.ts"
import { randomExpressions } from "./randomExpressions.ts"

/** A random program of the kind that trains: its first state, and what its steps are given. */
export interface RandomProgram {
  readonly program: Program
  readonly state: NamedTensors
  readonly calls: ReadonlyArray<StepCall>
}

/** The placeholders that are state: a weight and a scalar, moved against their gradients. */
const stateNames: ReadonlyArray<string> = ["w", "s"]

/**
 * Random programs: a random graph (`randomExpressions`) of state, inputs and noise, whose loss moves the state against its
 * gradient, bent by tanh so that it stays bounded; its roots are outputs. With a few steps' inputs and noise keys.
 */
export const randomPrograms = (greatestSteps = 20): fc.Arbitrary<RandomProgram> =>
  fc
    .record({
      graph: randomExpressions(greatestSteps),
      calls: fc.array(fc.record({ shift: fc.integer({ min: -32, max: 32 }), seed: fc.nat(), step: fc.nat(1000) }), {
        minLength: 1,
        maxLength: 3
      })
    })
    .map(({ graph: { placeholders, numbers, roots }, calls }) => {
      const named = (chosen: boolean): Readonly<Record<string, Tensor>> =>
        Object.fromEntries(
          placeholders.flatMap((tensor) => {
            const name = tensor.op === "placeholder" ? tensor.parameters.name : ""
            return stateNames.includes(name) === chosen ? [[name, tensor] as const] : []
          })
        )
      const [state, inputs] = [named(true), named(false)]
      const moved = gradient(bentLoss(roots), state)
      const next = Object.fromEntries(
        Object.entries(state).map(([name, now]) => [name, tanh(add(now, multiply(moved[name] ?? now, -0.05)))])
      )
      return {
        program: makeProgram<string, string>({
          name: "random",
          state,
          inputs,
          next,
          outputs: Object.fromEntries(roots.entries())
        }),
        state: asTensors(state, numbers),
        calls: calls.map(({ shift, ...noise }) => ({
          noise,
          // Multiples of 1/64, as the first ones: float32 holds them.
          inputs: Object.fromEntries(
            Object.entries(inputs).map(([name, { shape }]) => [
              name,
              float32(
                Array.from({ length: sizeOf(shape) }, (_, i) => (numbers[name]?.[i] ?? 0) + shift / 64),
                shape
              )
            ])
          )
        }))
      }
    })
