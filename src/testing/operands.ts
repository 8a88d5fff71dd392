import * as fc from "fast-check"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"

/** One argument of an expression under test: its shape and numbers, which float32 represents exactly. */
export interface DrawnOperand {
  readonly shape: Shape
  readonly values: Float64Array
}

/**
 * Where an argument's numbers lie:
 * - `any`: [-2, 2];
 * - `angles`: one in two in [-2, 2], the others in [-1000, 1000], as the times of a diffusion model are;
 * - `positive`: [1/4, 2 1/2], for logarithms, square roots and divisors;
 * - `nonzero`: either sign, at least 1/4 from 0, for kinks at 0 and for divisors;
 * - `eighths`, `betweenEighths`: in [-2, 2] on two grids that are 1/16 apart, so that comparing one with the other has
 *   no ties and no kinks nearby;
 * - `distinct`: each at least 1/16 from every other.
 */
export type Domain = "any" | "angles" | "positive" | "nonzero" | "eighths" | "betweenEighths" | "distinct"

const drawn = (length: number, number: fc.Arbitrary<number>): fc.Arbitrary<Float64Array> =>
  fc.array(number, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values))

const positive = fc.integer({ min: 32, max: 320 }).map((n) => n / 128)
const any = fc.integer({ min: -256, max: 256 }).map((n) => n / 128)
const eighths = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)

const numbersOf = (length: number, domain: Domain): fc.Arbitrary<Float64Array> => {
  switch (domain) {
    case "any":
      return drawn(length, any)
    case "angles":
      return drawn(
        length,
        fc.oneof(
          any,
          fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4)
        )
      )
    case "positive":
      return drawn(length, positive)
    case "nonzero":
      return drawn(
        length,
        fc.tuple(positive, fc.constantFrom(-1, 1)).map(([n, sign]) => n * sign)
      )
    case "eighths":
      return drawn(length, eighths)
    case "betweenEighths":
      return drawn(
        length,
        eighths.map((n) => n + 1 / 16)
      )
    case "distinct":
      return fc
        .shuffledSubarray(
          Array.from({ length }, (_, i) => (i - length / 2) / 16),
          { minLength: length, maxLength: length }
        )
        .map((values) => Float64Array.from(values))
  }
}

/** Arguments of a shape with numbers of a domain. */
export const operand = (shape: Shape, domain: Domain = "any"): fc.Arbitrary<DrawnOperand> =>
  numbersOf(sizeOf(shape), domain).map((values) => ({ shape, values }))
