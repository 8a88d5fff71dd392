import { initialise, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import type { NamedSpecs, Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { add } from "../../../src/domain/tensor/arithmetic.ts"
import type { Shape } from "../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree, joinPath, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

/** Numbers by path. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>

/** A matrix, a vector and a number, of which one lies below another's name but for the dot. */
export const shapes = { weight: [2, 3], "rnn.bias": [3], rnn2: [] } as const

export const specsFor = (of: Readonly<Record<string, Shape>>): NamedSpecs =>
  mapRecord(of, (shape) => ({ shape, initialiser: { kind: "constant", value: 0 } }))

/** Random numbers in these shapes, by the seed and what they are for. */
export const drawn = (seed: number, what: string, of: Readonly<Record<string, Shape>> = shapes): Numbers =>
  mapRecord(of, (shape, path) => normals(seed, `${what} of ${path}`, shape))

/** Gradients of several steps. */
export const gradientsOf = (seed: number, steps: number, of: Readonly<Record<string, Shape>> = shapes) =>
  Array.from({ length: steps }, (_, step) => drawn(seed, `gradient ${step}`, of))

/** The parameters and the optimizer's state, by path, after an update. */
export interface Moment {
  readonly parameters: Numbers
  readonly state: Numbers
}

const under = (prefix: string, numbers: Numbers): Numbers =>
  Object.fromEntries(Object.entries(numbers).map(([path, values]) => [joinPath(prefix, path), values]))

/** Where an optimizer takes parameters from `start`, one moment an update, in float64. */
export const course = (
  optimizer: Optimizer,
  start: Numbers,
  gradients: ReadonlyArray<Numbers>,
  of: Readonly<Record<string, Shape>> = shapes
): ReadonlyArray<Moment> => {
  const specs = specsFor(of)
  const init = optimizer.init(specs)
  const theta = mapRecord(of, (shape, path) => placeholder(`theta.${path}`, shape))
  const step = optimizer.update(
    mapRecord(of, (shape, path) => placeholder(`gradient.${path}`, shape)),
    parameterPlaceholders(init, "state"),
    theta
  )
  const moved = mapRecord(theta, (tensor, path) => add(tensor, step.updates[path] ?? placeholder("no update", [])))
  const next = flattenTree(step.state, isTensor)
  const roots = [...Object.values(moved), ...Object.values(next)]
  let now: Moment = { parameters: start, state: mapRecord(initialise(init, 0), ({ values }) => values) }
  return gradients.map((gradient) => {
    const numbers = { ...under("theta", now.parameters), ...under("gradient", gradient), ...under("state", now.state) }
    const values = evaluateNamed(roots, numbers)
    const named = (keys: ReadonlyArray<string>, from: number): Numbers =>
      Object.fromEntries(keys.map((key, i) => [key, values[from + i] ?? []]))
    const paths = Object.keys(moved)
    now = { parameters: named(paths, 0), state: named(Object.keys(next), paths.length) }
    return now
  })
}
