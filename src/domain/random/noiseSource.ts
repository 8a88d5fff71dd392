import { sizeOf } from "../tensor/Shape.ts"
import { noiseRuns, type Shard } from "../tensor/Sharding.ts"
import type { Node } from "../tensor/Tensor.ts"
import { bernoulli, type NoiseKey, randomWords, standardNormal, uniform } from "./noise.ts"

/** What numbers are drawn by: `standardNormal` and `randomWords`, or what is equal to them. */
export interface Draws {
  readonly normals: typeof standardNormal
  readonly words: typeof randomWords
}

/**
 * The numbers of a program's noise source at a step: a pure function of the run's seed, the stream's name, the step and
 * the index, the same to the bit for every backend. On a `shard` they are its examples' part of those of the whole batch,
 * so that the number of shards changes nothing.
 */
export const noiseNumbers = (
  source: Node<"noise">,
  { seed, step }: { readonly seed: number; readonly step: number },
  shard?: Shard,
  draws: Draws = { normals: standardNormal, words: randomWords }
): Float32Array => {
  const key = { seed, stream: `noise/${source.parameters.stream}`, step }
  if (shard === undefined) return draw(source, draws, key, sizeOf(source.shape), 0)
  const numbers = new Float32Array(sizeOf(source.shape))
  const { length, offsets } = noiseRuns(source, shard)
  offsets.forEach((offset, run) => {
    numbers.set(draw(source, draws, key, length, offset), run * length)
  })
  return numbers
}

const draw = (
  { parameters: { distribution } }: Node<"noise">,
  { normals, words }: Draws,
  key: NoiseKey,
  length: number,
  offset: number
): Float32Array => {
  switch (distribution.kind) {
    case "normal":
      return normals(key, length, offset)
    case "uniform":
      return uniform(key, length, offset, words)
    case "bernoulli":
      return bernoulli(key, distribution.probability, length, offset, words)
  }
}
