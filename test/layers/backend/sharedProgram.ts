import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { concatenate } from "../../../src/domain/tensor/movement.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../src/domain/tensor/pmean.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { bernoulliNoise, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"
import { float32 } from "../../../src/testing/programs.ts"

const batch = 4

/**
 * A step over a batch of four examples `[4, 3]` on some shards: an input that is not shared out, noise along two axes,
 * masks for twice the batch, two means one after the other, and numbers that are needed before and after the first.
 */
export const sharedProgram = (count: number) => {
  const examples = batch / count
  const [total, x, rate] = [placeholder("total", [3]), placeholder("x", [examples, 3]), placeholder("rate", [])]
  const made = add(x, sum(normalNoise("z", [2, examples, 3], 1), [0]))
  const seen = multiply(concatenate([x, made], 0), bernoulliNoise("mask", 0.5, [2 * examples, 3]))
  const first = pmean(mean(seen, [0]))
  const next = add(total, multiply(first, rate))
  return makeProgram({
    name: "shared",
    state: { total },
    inputs: { x, rate },
    next: { total: next },
    outputs: { first, spread: pmean(mean(square(subtract(seen, next)))), twice: add(rate, rate) },
    shards: { count, examples, inputs: ["x"] }
  })
}

/** The batch and the rate of a step, small integers. */
export const sharedInputs = (step: number) => ({
  x: float32(
    Array.from({ length: batch * 3 }, (_, i) => ((i * (step + 3)) % 7) - 3),
    [batch, 3]
  ),
  rate: float32([0.5])
})

export const sharedStart = { total: float32([1, 2, 3], [3]) }
