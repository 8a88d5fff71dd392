import { assert } from "@effect/vitest"
import { noiseNumbers } from "../../src/domain/random/noiseSource.ts"
import { evaluate } from "../../src/domain/tensor/evaluate/evaluate.ts"
import { placeholder } from "../../src/domain/tensor/source.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import type { Operand } from "./operands.ts"

/** The numbers of placeholders, by name. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>

/** Float64 values of expressions; noise is that of seed 0 and step 0, and a placeholder without numbers is 1/2. */
export const numbersOf = (roots: ReadonlyArray<Tensor>, numbers: Numbers = {}): ReadonlyArray<Float64Array> =>
  evaluate(roots, (source) => {
    if (source.op === "noise") return Float64Array.from(noiseNumbers(source, { seed: 0, step: 0 }))
    const given = numbers[source.parameters.name]
    return given === undefined
      ? new Float64Array(source.shape.reduce((product, n) => product * n, 1)).fill(0.5)
      : Float64Array.from(given)
  })

/** The values of one expression as a plain list. */
export const listOf = (root: Tensor, numbers: Numbers = {}): ReadonlyArray<number> => [
  ...(numbersOf([root], numbers)[0] ?? [])
]

/** A placeholder for each operand, `x0`, `x1`, .., and the operands' numbers under these names. */
export const placeholdersFor = (
  operands: ReadonlyArray<Operand>
): { readonly tensors: ReadonlyArray<Tensor>; readonly numbers: Numbers } => ({
  tensors: operands.map(({ shape }, i) => placeholder(`x${i}`, shape)),
  numbers: Object.fromEntries(operands.map(({ values }, i) => [`x${i}`, values]))
})

/** Whether two numbers agree within `tolerance * max(1, |expected|)`; NaN agrees with NaN, an infinity with itself. */
export const agree = (actual: number, expected: number, tolerance: number): boolean =>
  Object.is(actual, expected) ||
  actual === expected ||
  Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected))

/** Asserts that all numbers agree (`agree`); the message holds the first entry that does not. */
export const assertAgree = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string
): void => {
  assert.strictEqual(actual.length, expected.length, `${what}: how many numbers there are`)
  for (let i = 0; i < expected.length; i++) {
    const [found = Number.NaN, wanted = Number.NaN] = [actual[i], expected[i]]
    if (!agree(found, wanted, tolerance)) assert.fail(`${what}, entry ${i}: ${found} instead of ${wanted}`)
  }
}
