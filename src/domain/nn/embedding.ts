import { gather } from "../tensor/indices.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { ParameterSpec } from "./parameter.ts"

/** Parameters of an embedding: `table`, `[classes, width]`, a row for each class. */
export type Embedding<Leaf> = {
  readonly table: Leaf
}

/** An embedding of `classes` classes in `width` numbers, which begin as draws from N(0, standardDeviation^2). */
export const embeddingParameters = (
  classes: number,
  width: number,
  standardDeviation = 1
): Embedding<ParameterSpec> => ({
  table: { shape: [classes, width], initialiser: { kind: "normal", standardDeviation } }
})

/** The rows of classes `0 .. classes - 1`: `[..]` to `[.., width]`; see `gather`. */
export const embedding = ({ table }: Embedding<Tensor>, indices: Tensor): Tensor => gather(table, indices)
