import { add, multiply, square } from "../domain/tensor/arithmetic.ts"
import { makeProgram, type Program } from "../domain/tensor/Program.ts"
import { placeholder } from "../domain/tensor/source.ts"
import { float32, vector } from "./programs.ts"

/**
 * The program that most laws about state are tried on: state `total` `[2]` and `factor` `[]`; a step adds `factor x` to the
 * total. Small integers stay integers, which float32 holds exactly.
 */
export const accumulator = (): Program<"x", "before" | "after" | "squares"> => {
  const [total, factor, x] = [placeholder("total", [2]), placeholder("factor", []), placeholder("x", [2])]
  const next = add(total, multiply(factor, x))
  return makeProgram({
    name: "accumulator",
    state: { total, factor },
    inputs: { x },
    next: { total: next, factor },
    outputs: { before: total, after: next, squares: square(x) }
  })
}

/** A first state for it, made anew: total (1, 2), factor 10. */
export const accumulatorStart = () => ({ total: vector(1, 2), factor: float32([10]) })

/** The noise key of steps that draw none. */
export const noNoise = { seed: 0, step: 0 }

/** A step's call that adds `10 (a, b)` to the total. */
export const adding = (a: number, b: number) => ({ inputs: { x: vector(a, b) }, noise: noNoise })
