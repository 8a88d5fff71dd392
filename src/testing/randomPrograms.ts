import * as fc from "fast-check"
import { add, divide, multiply, negate, square, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { sqrt, tanh } from "../domain/tensor/elementwise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { reshape } from "../domain/tensor/movement.ts"
import { makeProgram } from "../domain/tensor/Program.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import { full } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { ProgramRun } from "./courses.ts"
import { bentLoss } from "./losses.ts"
import { sources } from "./nextStates.ts"
import { asTensors, float32 } from "./programs.ts"
import { type Choose, chooser, type Entry, randomExpressions } from "./randomExpressions.ts"

/** A random program of the kind that trains: its first state, and what its steps are given. */
export type RandomProgram = ProgramRun

/** No state that is computed gets greater than the placeholders of `randomExpressions` are. */
const greatestState = 2

/** The numbers in another shape: the same ones where they are as many, else their mean. */
const fitted = (x: Tensor, shape: Shape): Tensor =>
  sizeOf(x.shape) === sizeOf(shape) ? reshape(x, shape) : broadcast(divide(sum(x), sizeOf(x.shape)), shape)

const bounds = { normal: 7, uniform: 1, bernoulli: 1, constant: 1, full: 1 }
const kinds = ["normal", "uniform", "bernoulli", "constant", "full"] as const

/** Something to make a state of: a source in its shape or as one number, another placeholder, what the program computes. */
const operandOf = (now: Tensor, others: ReadonlyArray<Tensor>, choose: Choose): Entry => {
  const { shape } = now
  switch (choose(4)) {
    case 0: {
      const other = others[choose(others.length)] ?? now
      return { tensor: fitted(other.op === "placeholder" ? other : tanh(other), shape), bound: greatestState }
    }
    case 1: {
      const kind = kinds[choose(kinds.length)] ?? "full"
      return { tensor: sources[kind]([]), bound: bounds[kind] }
    }
    default: {
      const kind = kinds[choose(kinds.length)] ?? "full"
      return { tensor: sources[kind](shape), bound: bounds[kind] }
    }
  }
}

/** The combinations that an engine may make in a pass over memory, and tanh, which it may not. */
const combinations: ReadonlyArray<(a: Entry, b: Entry) => Entry> = [
  (a, b) => ({ tensor: add(a.tensor, b.tensor), bound: a.bound + b.bound }),
  (a, b) => ({ tensor: subtract(a.tensor, b.tensor), bound: a.bound + b.bound }),
  (a, b) => ({ tensor: subtract(b.tensor, a.tensor), bound: a.bound + b.bound }),
  (a, b) => ({ tensor: multiply(a.tensor, b.tensor), bound: a.bound * b.bound }),
  (a, b) => ({ tensor: divide(a.tensor, add(square(b.tensor), 1)), bound: a.bound }),
  (a, b) => ({ tensor: divide(b.tensor, add(square(a.tensor), 1)), bound: b.bound }),
  (a, b) => ({ tensor: sqrt(add(add(square(a.tensor), square(b.tensor)), 0.25)), bound: a.bound + b.bound + 1 }),
  (a, b) => ({ tensor: negate(multiply(a.tensor, b.tensor)), bound: a.bound * b.bound }),
  (a, b) => ({ tensor: tanh(add(a.tensor, b.tensor)), bound: 1 })
]

/** A state's next value: a source as it is, or up to three combinations of what it was with others. */
const nextOf = (now: Tensor, others: ReadonlyArray<Tensor>, choose: Choose): Tensor => {
  const first: Entry = choose(4) === 0 ? operandOf(now, others, choose) : { tensor: now, bound: greatestState }
  const made = Array.from({ length: choose(4) }).reduce<Entry>((entry) => {
    const combine = combinations[choose(combinations.length)]
    return combine === undefined ? entry : combine(entry, operandOf(now, others, choose))
  }, first)
  // A draw from a normal distribution may stay what it is.
  const bounded =
    made === first || made.bound <= greatestState ? made.tensor : multiply(made.tensor, greatestState / made.bound)
  return broadcast(bounded, now.shape)
}

/** How a training moves a state: a little against its gradient, number by number. */
const movedBy = (loss: Tensor, now: Tensor): Tensor =>
  multiply(add(now, multiply(tanh(gradient(loss, now)), -0.05)), full([], 0.96875))

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? tensor.parameters.name : "")

/**
 * Random programs: a random graph (`randomExpressions`) of state, inputs and noise. Which placeholders are state is drawn, and
 * of what each next state is made: of sources of every kind, of other state and inputs, of what the graph computes, or of the
 * gradient of a loss through all of these. The graph's roots are outputs, and some next states, sources and state with them.
 * Comes with a few steps' inputs and noise keys.
 */
export const randomPrograms = (greatestSteps = 20): fc.Arbitrary<RandomProgram> =>
  fc
    .record({
      graph: randomExpressions(greatestSteps),
      // For each placeholder of the graph.
      choices: fc.array(fc.array(fc.nat(719), { minLength: 16, maxLength: 16 }), { minLength: 5, maxLength: 5 }),
      calls: fc.array(fc.record({ shift: fc.integer({ min: -32, max: 32 }), seed: fc.nat(), step: fc.nat(1000) }), {
        minLength: 1,
        maxLength: 3
      })
    })
    .map(({ graph: { placeholders, numbers, roots }, choices, calls }) => {
      const choosers = placeholders.map((_, i) => chooser(choices[i] ?? [0]))
      // "w" always is: a program needs something that changes.
      const cells = placeholders.flatMap((tensor, i) => {
        const choose = choosers[i]
        return choose !== undefined && (choose(2) === 0 || nameOf(tensor) === "w") ? [{ tensor, choose }] : []
      })
      const state = Object.fromEntries(cells.map(({ tensor }) => [nameOf(tensor), tensor]))
      const inputs = Object.fromEntries(
        placeholders.flatMap((tensor) => (state[nameOf(tensor)] === undefined ? [[nameOf(tensor), tensor]] : []))
      )
      const made = cells.map(({ tensor, choose }) => nextOf(tensor, [...placeholders, ...roots], choose))
      const loss = bentLoss([...roots, ...made])
      const next = Object.fromEntries(
        cells.map(({ tensor, choose }, i) => [
          nameOf(tensor),
          choose(3) === 0 ? movedBy(loss, tensor) : (made[i] ?? tensor)
        ])
      )
      const shown = cells.flatMap(({ tensor, choose }, i) => {
        const known = [made[i] ?? tensor, tensor, sources[kinds[choose(kinds.length)] ?? "full"](tensor.shape)]
        return choose(2) === 0 ? [known[choose(known.length)] ?? tensor] : []
      })
      return {
        program: makeProgram<string, string>({
          name: "random",
          state,
          inputs,
          next,
          outputs: Object.fromEntries([...roots, ...shown].entries())
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
