import type { Estimate } from "../../metrics/SampleMeasures.ts"
import type { ClaimMeasure } from "../report/Results.ts"
import { measuresOf } from "./comparison.ts"
import type { Evident } from "./evidence.ts"
import type { GeneratorNumbers } from "./GeneratorNumbers.ts"

/** A number of each step t = 1..T as lines of a claim's table: `name, t = 1`, .. */
export const stepMeasures = (
  name: string,
  evident: Evident,
  numbersOf: (numbers: GeneratorNumbers) => ReadonlyArray<Estimate>
): ReadonlyArray<ClaimMeasure> => {
  const lists = evident.usable.map(({ numbers }) => (numbers === undefined ? [] : numbersOf(numbers)))
  const steps = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: steps }, (_, i) =>
    measuresOf(name, { [`t = ${i + 1}`]: evident }, ({ numbers }) =>
      numbers === undefined ? undefined : numbersOf(numbers)[i]
    )
  ).flat()
}
