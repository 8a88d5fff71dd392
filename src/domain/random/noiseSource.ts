import { sizeOf } from "../tensor/Shape.ts"
import type { Node } from "../tensor/Tensor.ts"
import { bernoulli, standardNormal, uniform } from "./noise.ts"

/**
 * The numbers of a program's noise source at a step: a pure function of the run's seed, the stream's name, the step and
 * the index, the same to the bit for every backend.
 */
export const noiseNumbers = (
  source: Node<"noise">,
  { seed, step }: { readonly seed: number; readonly step: number }
): Float32Array => {
  const { stream, distribution } = source.parameters
  const key = { seed, stream: `noise/${stream}`, step }
  const length = sizeOf(source.shape)
  switch (distribution.kind) {
    case "normal":
      return standardNormal(key, length)
    case "uniform":
      return uniform(key, length)
    case "bernoulli":
      return bernoulli(key, distribution.probability, length)
  }
}
