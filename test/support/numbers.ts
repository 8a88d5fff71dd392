import { assert } from "@effect/vitest"
import { inputsFirst } from "../../src/domain/tensor/order.ts"
import { sizeOf } from "../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../src/domain/tensor/source.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import type { DrawnOperand } from "../../src/testing/operands.ts"
import { evaluateNamed, type NamedNumbers } from "./evaluateNamed.ts"

/** One half everywhere for each placeholder that the expressions are made of. */
export const halves = (roots: ReadonlyArray<Tensor>): NamedNumbers =>
  Object.fromEntries(
    inputsFirst(roots).flatMap((node) =>
      node.op === "placeholder" ? [[node.parameters.name, new Float64Array(sizeOf(node.shape)).fill(0.5)]] : []
    )
  )

/** Float64 values of expressions, as `evaluateNamed`; a placeholder without numbers is one half everywhere. */
export const numbersOf = (roots: ReadonlyArray<Tensor>, numbers: NamedNumbers = {}): ReadonlyArray<Float64Array> =>
  evaluateNamed(roots, { ...halves(roots), ...numbers })

/** The values of one expression as a plain list. */
export const listOf = (root: Tensor, numbers: NamedNumbers = {}): ReadonlyArray<number> => [
  ...(numbersOf([root], numbers)[0] ?? [])
]

/** A placeholder for each operand, `x0`, `x1`, .., and the operands' numbers under these names. */
export const placeholdersFor = (
  operands: ReadonlyArray<DrawnOperand>
): { readonly tensors: ReadonlyArray<Tensor>; readonly numbers: NamedNumbers } => ({
  tensors: operands.map(({ shape }, i) => placeholder(`x${i}`, shape)),
  numbers: Object.fromEntries(operands.map(({ values }, i) => [`x${i}`, values]))
})

/** Whether two numbers agree within `tolerance * max(1, |expected|)`; NaN agrees with NaN, an infinity with itself. */
export const agree = (actual: number, expected: number, tolerance: number): boolean =>
  Object.is(actual, expected) ||
  actual === expected ||
  (Number.isFinite(expected) && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)))

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
