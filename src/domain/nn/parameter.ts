import { standardNormal, uniform } from "../random/noise.ts"
import { own } from "../record/own.ts"
import { formatShape, type Shape, sizeOf } from "../tensor/Shape.ts"
import { placeholder } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { type NamedTensors, type TensorData, tensorData } from "../tensor/TensorData.ts"
import { flattenTree, joinPath, type MapTree, mapLeaves, mapTree, type Tree } from "../tensor/Tree.ts"

/**
 * How a parameter's numbers begin:
 * - `constant`: `value` everywhere;
 * - `values`: these numbers, as many as the parameter has;
 * - `normal`: independent draws from N(0, deviation^2);
 * - `uniform`: independent draws from [-bound, bound);
 * - `glorot`: uniform with bound `scale sqrt(6 / (inputs + outputs))` for a weight `[inputs, outputs]` (Glorot 2010);
 * - `marginals`: taken from the training data, number by number (see `PixelMarginals`): the mean of each pixel, or a value
 *   of it drawn at random, as it is or as the logit of it.
 */
export type Initialiser =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "values"; readonly values: ArrayLike<number> }
  | { readonly kind: "normal"; readonly standardDeviation: number }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "glorot"; readonly scale: number }
  | { readonly kind: "marginals"; readonly of: "mean" | "sample"; readonly as: "value" | "logit" }

/** A parameter before training: its shape and how its numbers begin. The leaves of a model's parameter tree. */
export interface ParameterSpec {
  readonly shape: Shape
  readonly initialiser: Initialiser
  /** Given as `false` where no gradient moves it: running statistics, whose next values the model's own pass makes. */
  readonly trained?: false
  /** The path of the parameter whose first numbers it shares; its own if left out. */
  readonly initialisedLike?: string
  /** The parameter, of the same state, whose first numbers it shares; `Program.make` looks up its path. */
  readonly sameAs?: ParameterSpec
}

export const isParameterSpec = (value: unknown): value is ParameterSpec =>
  typeof value === "object" && value !== null && "shape" in value && "initialiser" in value

/**
 * A tensor of a program's state that begins as one number everywhere and that no optimizer moves: a hidden state `[batch, units]`, a
 * running mean.
 */
export const buffer = (shape: Shape, value = 0): ParameterSpec => ({
  shape,
  initialiser: { kind: "constant", value },
  trained: false
})

/** What a parameter may learn from the training data before training; each tensor has as many numbers as an image. */
export interface PixelMarginals {
  /** The mean of each pixel over the training images, in [0, 1]. */
  readonly mean: TensorData
  /** Each pixel's value in an image drawn at random for it, in [0, 1]. */
  readonly sample: TensorData
}

/**
 * The parameters as tensors of a program: a placeholder for each, of its shape, named by its path under `prefix`
 * (`generator.rnn.input.weight`), or what `make` makes of these.
 */
export const parameterPlaceholders = <T extends Tree<ParameterSpec>>(
  tree: T,
  prefix: string,
  make: (name: string, shape: Shape) => Tensor = placeholder
): MapTree<T, ParameterSpec, Tensor> =>
  mapTree<ParameterSpec, Tensor, T>(tree, isParameterSpec, ({ shape }, path) => make(joinPath(prefix, path), shape))

/** The parameters that a gradient moves, by path: what an optimizer is given. */
export const trainedParameters = (tree: Tree<ParameterSpec>): Readonly<Record<string, ParameterSpec>> =>
  Object.fromEntries(Object.entries(flattenTree(tree, isParameterSpec)).filter(([, { trained }]) => trained !== false))

/** The tensors of those parameters, by path. */
export const trainedTensors = (
  specs: Tree<ParameterSpec>,
  parameters: Tree<Tensor>
): Readonly<Record<string, Tensor>> => {
  const trained = trainedParameters(specs)
  return Object.fromEntries(
    Object.entries(flattenTree(parameters, isTensor)).filter(([path]) => own(trained, path) !== undefined)
  )
}

/** The parameters after an update: what it made of some of them, by path, and the others as they are. */
export const updatedParameters = <T extends Tree<Tensor>>(
  parameters: T,
  ...made: ReadonlyArray<Readonly<Record<string, Tensor>>>
): T => {
  const updated = Object.fromEntries(made.flatMap((part) => Object.entries(part)))
  return mapLeaves<Tensor, T>(parameters, isTensor, (parameter, path) => own(updated, path) ?? parameter)
}

/** How many trainable numbers a tree holds. */
export const parameterCount = (tree: Tree<ParameterSpec>): number =>
  Object.values(trainedParameters(tree)).reduce((total, { shape }) => total + sizeOf(shape), 0)

/**
 * The first numbers of every parameter, by path: a pure function of the seed, the path and the data's marginals (and of `draw`, for
 * states that begin several times), so that
 * adding a parameter changes no other. Throws a `RangeError` where an initialiser does not fit its parameter's shape, or asks for
 * marginals where none are given.
 */
export const initialise = (
  tree: Tree<ParameterSpec>,
  seed: number,
  marginals?: PixelMarginals,
  draw = 0
): NamedTensors => {
  const specs = Object.entries(flattenTree(tree, isParameterSpec))
  return Object.fromEntries(
    specs.map(([path, spec]) => [
      path,
      tensorData(spec.shape, firstNumbers(spec, spec.initialisedLike ?? path, { seed, draw }, marginals))
    ])
  )
}

const firstNumbers = (
  { shape, initialiser }: ParameterSpec,
  path: string,
  { seed, draw }: { readonly seed: number; readonly draw: number },
  marginals: PixelMarginals | undefined
): Float32Array => {
  const key = { seed, stream: `initialise/${path}`, step: draw }
  const size = sizeOf(shape)
  switch (initialiser.kind) {
    case "constant":
      return new Float32Array(size).fill(initialiser.value)
    case "values":
      if (initialiser.values.length !== size) {
        throw new RangeError(`"${path}": ${initialiser.values.length} values do not fill ${formatShape(shape)}`)
      }
      return Float32Array.from(initialiser.values)
    case "normal":
      return standardNormal(key, size).map((n) => n * initialiser.standardDeviation)
    case "uniform":
      return uniform(key, size).map((u) => (2 * u - 1) * initialiser.bound)
    case "glorot": {
      const [inputs, outputs] = shape
      if (inputs === undefined || outputs === undefined) {
        throw new RangeError(`"${path}": Glorot's rule is for weights [inputs, outputs], not ${formatShape(shape)}`)
      }
      const bound = initialiser.scale * Math.sqrt(6 / (inputs + outputs))
      return uniform(key, size).map((u) => (2 * u - 1) * bound)
    }
    case "marginals": {
      if (marginals === undefined) {
        throw new RangeError(`"${path}" begins at the marginals of the data's pixels, and no marginals are given`)
      }
      const { shape: known, values: found } = marginals[initialiser.of]
      if (found.length !== size) {
        throw new RangeError(
          `"${path}": the data's marginals are of shape ${formatShape(known)}, which does not fill ${formatShape(shape)}`
        )
      }
      const values = Float32Array.from(found)
      return initialiser.as === "value" ? values : values.map(clippedLogit)
    }
  }
}

// Pixels that are always black would have the logit -Infinity.
const [leastProbability, greatestProbability] = [0.01, 0.99]

const clippedLogit = (value: number): number => {
  const p = Math.min(Math.max(value, leastProbability), greatestProbability)
  return Math.log(p / (1 - p))
}
