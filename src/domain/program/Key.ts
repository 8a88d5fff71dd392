import { categoricalNoise, integerNoise } from "../tensor/discreteNoise.ts"
import type { Shape } from "../tensor/Shape.ts"
import { noise } from "../tensor/source.ts"
import type { Distribution, Tensor } from "../tensor/Tensor.ts"

/**
 * The name of a stream of random numbers, as in jax: `key("z")` is a key of its own, `key("z")("first")` another. What a key draws
 * is a function of the run's seed, the key's path, the step and the place in the tensor, so the same key drawn twice is the
 * same tensor. A program that draws one key in two ways (two shapes, two distributions) is refused when it is made.
 *
 * The first axis of what is drawn counts examples: on shards each draws its own part of them. Noise for a part of a shard's examples,
 * one of five steps of a critic say, gives their number:
 *
 *     const part = size(images, 0) / 5
 *     key("z")(`step ${i}`).normal([part, 8], { examples: part })
 */
export interface Key {
  (name: string): Key
  /** The names joined by slashes: the stream of noise. */
  readonly path: string
  /** Independent draws from N(0, 1). */
  readonly normal: (shape: Shape, of?: PartOfExamples) => Tensor
  /** Independent draws, uniform in [0, 1). */
  readonly uniform: (shape: Shape, of?: PartOfExamples) => Tensor
  /** Independent draws that are 1 with this probability, else 0. */
  readonly bernoulli: (probability: number, shape: Shape, of?: PartOfExamples) => Tensor
  /** Independent draws of a whole number `0 .. classes - 1`, each as likely: see `integerNoise`. */
  readonly integer: (classes: number, shape: Shape) => Tensor
  /** A class for each row of probabilities `[.., classes]`, as rows one-hot: see `categoricalNoise`. */
  readonly categorical: (probabilities: Tensor) => Tensor
}

/** Where noise is for a part of a shard's examples: how many it has. */
export interface PartOfExamples {
  readonly examples?: number
}

/** The key of a path. Throws a `TypeError` for a name that is empty. */
export const keyAt = (path: string): Key => {
  const child = (name: string): Key => {
    if (name === "") throw new TypeError(`a key's name is empty (below ${JSON.stringify(path)})`)
    return keyAt(path === "" ? name : `${path}/${name}`)
  }
  const stream = (): string => {
    if (path === "") throw new TypeError('name the key before drawing from it: key("z").normal([batch, 8])')
    return path
  }
  const drawn =
    (distribution: Distribution) =>
    (shape: Shape, { examples }: PartOfExamples = {}) =>
      noise(stream(), distribution, shape, 0, examples)
  return Object.assign(child, {
    path,
    normal: drawn({ kind: "normal" }),
    uniform: drawn({ kind: "uniform" }),
    bernoulli: (probability: number, shape: Shape, of?: PartOfExamples) =>
      drawn({ kind: "bernoulli", probability })(shape, of),
    integer: (classes: number, shape: Shape) => integerNoise(stream(), classes, shape),
    categorical: (probabilities: Tensor) => categoricalNoise(stream(), probabilities)
  })
}
