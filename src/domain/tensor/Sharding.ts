import { type Shape, sizeOf } from "./Shape.ts"
import type { Node, Tensor } from "./Tensor.ts"
import { type TensorData, tensorData } from "./TensorData.ts"

/**
 * How a program is shared out: K shards run one and the same graph, each on its own examples and from the same state.
 * Shapes in the program are those of one shard.
 */
export interface Sharding {
  /** K, at least 2. */
  readonly count: number
  /** Examples of one shard; together the shards have `count` times as many. */
  readonly examples: number
  /** Inputs that hold examples, along axis 0. All shards are given the same of any other input. */
  readonly inputs: ReadonlyArray<string>
}

/** A shard of fewer examples than this costs more in meetings and in narrow products than it saves. */
const fewestExamples = 25

/**
 * On how many shards a batch is best computed where `parallelism` can run at the same time: as many as divide it, each of
 * at least 25 examples.
 */
export const shardsFor = (batchSize: number, parallelism: number): number => {
  const most = Math.min(parallelism, Math.floor(batchSize / fewestExamples))
  for (let count = most; count > 1; count--) if (batchSize % count === 0) return count
  return 1
}

/** Examples of one of `count` shards of a batch. Throws a `RangeError` if they do not divide it. */
export const examplesOfShard = (batchSize: number, count: number): number => {
  const examples = batchSize / count
  if (!Number.isSafeInteger(examples) || !Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`a batch of ${batchSize} cannot be divided among ${count} shards`)
  }
  return examples
}

/** One of a program's shards. */
export interface Shard {
  /** 0 .. count - 1. */
  readonly index: number
  readonly count: number
  /** Examples of one shard. */
  readonly examples: number
}

/** The shards of a program with this sharding, in order. */
export const shardsOf = ({ count, examples }: Sharding): ReadonlyArray<Shard> =>
  Array.from({ length: count }, (_, index) => ({ index, count, examples }))

/** The shape of an input of all shards together: what a step is given. */
export const wholeShape = (sharding: Sharding | undefined, input: string, { shape }: Tensor): Shape =>
  sharding?.inputs.includes(input) === true ? shape.with(0, (shape[0] ?? 1) * sharding.count) : shape

/** A shard's rows of an input that is given whole, as a view of its numbers. */
export const rowsOf = ({ index, count }: Shard, { shape, values }: TensorData): TensorData => {
  const own = shape.with(0, (shape[0] ?? 0) / count)
  const size = sizeOf(own)
  return tensorData(own, values.subarray(index * size, (index + 1) * size))
}

/**
 * The runs of consecutive numbers that make up a shard's part of a noise source, from those of the whole batch's: the
 * axis of examples holds one or more times the batch (D sees real and generated images in one pass), of which the
 * shard has its rows each time; or one or more times a part of the batch, if the source says so.
 */
export const noiseRuns = (
  { shape, parameters }: Node<"noise">,
  { index, count, examples }: Shard
): { readonly length: number; readonly offsets: ReadonlyArray<number> } => {
  const axis = parameters.exampleAxis ?? 0
  const length = (parameters.examples ?? examples) * sizeOf(shape.slice(axis + 1))
  return {
    length,
    offsets: Array.from({ length: sizeOf(shape) / length }, (_, run) => (run * count + index) * length)
  }
}
