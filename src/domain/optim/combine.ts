import type { ParameterSpec } from "../nn/parameter.ts"
import { own as at } from "../record/own.ts"
import { add, divide, multiply } from "../tensor/arithmetic.ts"
import { greater, where } from "../tensor/comparison.ts"
import { zeros } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, type MapTree, mapLeaves, mapRecord, type Tree } from "../tensor/Tree.ts"
import { counter, isEmpty, leafAt, type NamedSpecs, type Optimizer, zerosLike } from "./Optimizer.ts"

/** Tells parameters by their path: a function, or names of which a path must be one or lie below one (`rnn`, `rnn.input.weight`). */
export type Paths = ReadonlyArray<string> | ((path: string) => boolean)

const matcher = (paths: Paths): ((path: string) => boolean) =>
  typeof paths === "function" ? paths : (path) => paths.some((name) => path === name || path.startsWith(`${name}.`))

const picked = <V>(
  record: Readonly<Record<string, V>>,
  wanted: (path: string) => boolean
): Readonly<Record<string, V>> => Object.fromEntries(Object.entries(record).filter(([path]) => wanted(path)))

/**
 * An optimizer for each group of parameters; those that none of the groups takes do not move and have no state. A parameter goes
 * to the first group that takes it.
 *
 * `init` throws a `RangeError` for a group whose paths match nothing, with the paths there are.
 */
export const partition = (groups: ReadonlyArray<readonly [paths: Paths, optimizer: Optimizer]>): Optimizer => {
  const tests = groups.map(([paths]) => matcher(paths))
  const groupOf = (path: string): number => tests.findIndex((test) => test(path))
  const own = <V>(record: Readonly<Record<string, V>>, group: number) =>
    picked(record, (path) => groupOf(path) === group)
  return {
    init: (parameters) => {
      for (const [i, [paths]] of groups.entries()) requireMatch(paths, parameters, `the function of group ${i}`)
      return numbered(groups.map(([, optimizer], i) => optimizer.init(own(parameters, i))))
    },
    update: (gradients, state, parameters) => {
      const steps = groups.map(([, optimizer], i) =>
        optimizer.update(own(gradients, i), partOf(state, String(i)), own(parameters, i))
      )
      const moved = Object.fromEntries(steps.flatMap(({ updates }) => Object.entries(updates)))
      return {
        updates: mapRecord(gradients, ({ shape }, path) => (groupOf(path) < 0 ? zeros(shape) : leafAt(moved, path))),
        state: numbered(steps.map((step) => step.state))
      }
    }
  }
}

/** States by the numbers of their groups, those of groups that have one. */
const numbered = <Leaf>(states: ReadonlyArray<Tree<Leaf>>): Tree<Leaf> =>
  Object.fromEntries(states.flatMap((state, i) => (isEmpty(state) ? [] : [[String(i), state]])))

const partOf = (state: Tree<Tensor>, name: string): Tree<Tensor> => (isTensor(state) ? state : (at(state, name) ?? {}))

const requireMatch = (paths: Paths, parameters: NamedSpecs, ofFunction = "the function of paths"): void => {
  const known = Object.keys(parameters)
  const some = (part: Paths): boolean => known.some(matcher(part))
  const unmatched =
    typeof paths === "function"
      ? some(paths)
        ? undefined
        : `no parameter is taken by ${ofFunction}`
      : paths.filter((name) => !some([name])).map((name) => `no parameter has the path ${JSON.stringify(name)}`)[0]
  if (unmatched !== undefined) throw new RangeError(`${unmatched}: there are ${known.join(", ")}`)
}

/**
 * `optimizer` for all parameters but these, which do not move and have no state: fine-tuning. Throws a `RangeError` (in
 * `init`) for paths that match nothing.
 *
 * @example
 * ```ts
 * import { mlp, mlpParameters, Optim, Program } from "fovea"
 *
 * // The first layer stays as it is, and the optimizer keeps nothing for it.
 * const network = Program.learner(mlpParameters(2, [8, 1]), Optim.freeze(["layer1"], Optim.momentum(1e-2)))
 * const program = Program.make("fine-tuned", {
 *   state: { network },
 *   inputs: { x: [4, 2] },
 *   step: ({ network }, { x }) => ({ outputs: { y: mlp(network.parameters, "relu", x) } })
 * })
 * console.log(Object.keys(program.specs).filter((path) => path.includes("velocity")).length) // 2
 * ```
 */
export const freeze = (paths: Paths, optimizer: Optimizer): Optimizer => {
  const frozen = matcher(paths)
  const rest = (record: Readonly<Record<string, Tensor>>) => picked(record, (path) => !frozen(path))
  return {
    init: (parameters) => {
      requireMatch(paths, parameters)
      return optimizer.init(picked(parameters, (path) => !frozen(path)))
    },
    update: (gradients, state, parameters) => {
      const step = optimizer.update(rest(gradients), state, rest(parameters))
      return {
        updates: mapRecord(gradients, ({ shape }, path) => (frozen(path) ? zeros(shape) : leafAt(step.updates, path))),
        state: step.state
      }
    }
  }
}

/** A transformation for these parameters alone (weight decay without biases, say); the updates of the others pass as they are. */
export const masked = (paths: Paths, optimizer: Optimizer): Optimizer => {
  const taken = matcher(paths)
  return {
    init: (parameters) => {
      requireMatch(paths, parameters)
      return optimizer.init(picked(parameters, taken))
    },
    update: (gradients, state, parameters) => {
      const step = optimizer.update(picked(gradients, taken), state, picked(parameters, taken))
      return {
        updates: mapRecord(gradients, (g, path) => (taken(path) ? leafAt(step.updates, path) : g)),
        state: step.state
      }
    }
  }
}

/** The state of `multiSteps`. */
export type MultiStepsState = {
  readonly count: ParameterSpec
  readonly sum: NamedSpecs
  readonly inner: Tree<ParameterSpec>
}

/**
 * Accumulation of gradients: parameters move in every `k`-th update alone, by what `optimizer` makes of the mean of the last
 * `k` gradients. Throws a `RangeError` unless `k` is a positive integer.
 */
export const multiSteps = (k: number, optimizer: Optimizer): Optimizer<MultiStepsState> => {
  if (!Number.isSafeInteger(k) || k < 1) throw new RangeError(`gradients of ${k} updates cannot be accumulated`)
  return {
    init: (parameters) => ({ count: counter, sum: zerosLike(parameters), inner: optimizer.init(parameters) }),
    update: (gradients, state, parameters) => {
      const inner: Tree<Tensor> = state.inner
      const sum = mapRecord(state.sum, (s, path) => add(s, leafAt(gradients, path)))
      const step = optimizer.update(
        mapRecord(sum, (s) => divide(s, k)),
        inner,
        parameters
      )
      // The count goes 0, 1, .. k - 1 and is 0 again once the parameters have moved.
      const isLast = greater(state.count, k - 1.5)
      const keep = (x: Tensor): Tensor => multiply(x, greater(k - 1.5, state.count))
      const after = flattenTree(step.state, isTensor)
      const next: MapTree<MultiStepsState, ParameterSpec, Tensor> = {
        count: keep(add(state.count, 1)),
        sum: mapRecord(sum, keep),
        inner: mapLeaves<Tensor, Tree<Tensor>>(inner, isTensor, (before, path) =>
          where(isLast, leafAt(after, path), before)
        )
      }
      return { updates: mapRecord(step.updates, (u) => where(isLast, u, 0)), state: next }
    }
  }
}
