import { noiseNumbers } from "../../src/domain/random/noiseSource.ts"
import { evaluate } from "../../src/domain/tensor/evaluate/evaluate.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import type { NamedNumbers } from "../../src/testing/programs.ts"

export type { NamedNumbers }

/**
 * Computes expressions in float64 from the numbers of their placeholders; noise is that of the given seed and step.
 * Throws a `RangeError` naming a placeholder that has no numbers, or too many.
 */
export const evaluateNamed = (
  roots: ReadonlyArray<Tensor>,
  numbers: NamedNumbers,
  noise: { readonly seed: number; readonly step: number } = { seed: 0, step: 0 }
): ReadonlyArray<Float64Array> =>
  evaluate(roots, (source) => {
    if (source.op === "noise") return Float64Array.from(noiseNumbers(source, noise))
    const given = numbers[source.parameters.name]
    if (given === undefined) throw new RangeError(`no numbers for the placeholder "${source.parameters.name}"`)
    return given instanceof Float64Array ? given : Float64Array.from(given)
  })

/** The numbers of one expression. */
export const evaluateOne = (
  root: Tensor,
  numbers: NamedNumbers = {},
  noise?: { readonly seed: number; readonly step: number }
): Float64Array => evaluateNamed([root], numbers, noise)[0] ?? new Float64Array(0)
