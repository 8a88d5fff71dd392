import type { ParameterSpec } from "../nn/parameter.ts"
import { add, addAll, divide, multiply, negate, square, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { clamp, maximum, minimum, sign } from "../tensor/comparison.ts"
import { exp, sqrt } from "../tensor/elementwise.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import { scalar } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { mapRecord } from "../tensor/Tree.ts"
import { counter, leafAt, type NamedSpecs, type Optimizer, stateless, zerosLike } from "./Optimizer.ts"
import { checkedSchedule, type Schedule, valueAt } from "./schedule.ts"

/** Adam's settings. */
export interface AdamOptions {
  /** Decays of the moments, in [0, 1): 0.9 and 0.999 if left out. */
  readonly beta1?: number
  readonly beta2?: number
  /** What keeps the quotient finite: positive, 1e-8 if left out. */
  readonly epsilon?: number
  /**
   * What keeps the root's own gradient finite: 0 if left out. Where a later loss looks through the update (`unrolled`) it must be
   * positive, 1e-16 say, or a gradient of exactly zero makes one that is no number.
   */
  readonly epsilonRoot?: number
}

/** The state of Adam: the number of updates done, `[]`, and the running moments by the parameters' paths. */
export type AdamState = {
  readonly updates: ParameterSpec
  readonly first: NamedSpecs
  readonly second: NamedSpecs
}

/**
 * Gradients in units of their running size (Kingma 2015, algorithm 1, without the step size), moments corrected for their
 * beginning at zero:
 *
 *     m' = b1 m + (1 - b1) g    v' = b2 v + (1 - b2) g^2    u = [m' / (1 - b1^t)] / (sqrt(v' / (1 - b2^t) + epsilonRoot) + epsilon)
 *
 * Throws a `RangeError` for settings outside of their bounds.
 */
export const scaleByAdam = ({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  epsilonRoot = 0
}: AdamOptions = {}): Optimizer<AdamState> => {
  requireShare("beta1", beta1)
  requireShare("beta2", beta2)
  requirePositive("epsilon", epsilon)
  const rootOf = rootPlus(epsilonRoot)
  return {
    init: (parameters) => ({ updates: counter, first: zerosLike(parameters), second: zerosLike(parameters) }),
    update: (gradients, state) => {
      const updates = add(state.updates, 1)
      const first = meansOf(beta1, state.first, gradients)
      const second = meansOf(beta2, state.second, mapRecord(gradients, square))
      const [ofFirst, ofSecond] = [correction(beta1, updates), correction(beta2, updates)]
      const scaled = mapRecord(first, (m, path) =>
        divide(multiply(m, ofFirst), add(rootOf(multiply(leafAt(second, path), ofSecond)), epsilon))
      )
      return { updates: scaled, state: { updates, first, second } }
    }
  }
}

/** Running means after one value more: `beta m + (1 - beta) x`. */
const meansOf = (beta: number, means: NamedExpressions, values: NamedExpressions): NamedExpressions =>
  mapRecord(means, (m, path) => add(multiply(m, beta), multiply(leafAt(values, path), 1 - beta)))

/** `sqrt(v + epsilonRoot)`. Throws a `RangeError` for a number that is negative or not finite. */
const rootPlus = (epsilonRoot: number): ((v: Tensor) => Tensor) => {
  if (!(epsilonRoot >= 0 && Number.isFinite(epsilonRoot)))
    throw new RangeError(`epsilonRoot is 0 or a positive number, and is given as ${epsilonRoot}`)
  return (v) => sqrt(epsilonRoot === 0 ? v : add(v, epsilonRoot))
}

const requireShare = (what: string, value: number): void => {
  if (!(value >= 0 && value < 1)) throw new RangeError(`${what} lies in [0, 1), and is given as ${value}`)
}

const requirePositive = (what: string, value: number): void => {
  if (!(value > 0 && Number.isFinite(value)))
    throw new RangeError(`${what} is a positive number, and is given as ${value}`)
}

const requireFinite = (what: string, value: number): void => {
  if (!Number.isFinite(value)) throw new RangeError(`${what} is a finite number, and is given as ${value}`)
}

/** `1 / (1 - beta^t)`; `beta^t` is `e^(t ln beta)`, so that one counter serves all and never drifts. */
const correction = (beta: number, t: Tensor): Tensor | number =>
  beta === 0 ? 1 : divide(1, subtract(1, exp(multiply(t, Math.log(beta)))))

/**
 * Gradients over the root of their running square (Tieleman 2012, RMSProp): `v' = d v + (1 - d) g^2`, `u = g / (sqrt(v') + epsilon)`.
 * `epsilonRoot` is added within the root, as `AdamOptions` says: positive where a later loss looks through the update (`unrolled`), whose
 * gradient would be NaN for a gradient of 0. Throws a `RangeError` for a decay outside of [0, 1), an epsilon that is not positive, or an
 * epsilon within the root that is negative.
 */
export const scaleByRms = (
  decay = 0.9,
  epsilon = 1e-8,
  epsilonRoot = 0
): Optimizer<{ readonly second: NamedSpecs }> => {
  requireShare("the decay", decay)
  requirePositive("epsilon", epsilon)
  const rootOf = rootPlus(epsilonRoot)
  return {
    init: (parameters) => ({ second: zerosLike(parameters) }),
    update: (gradients, state) => {
      const second = meansOf(decay, state.second, mapRecord(gradients, square))
      const updates = mapRecord(second, (v, path) => divide(leafAt(gradients, path), add(rootOf(v), epsilon)))
      return { updates, state: { second } }
    }
  }
}

/**
 * Running sums of gradients (Polyak 1964), `v' = mu v + g`, `u = v'`; with `nesterov` what Sutskever 2013 makes of them,
 * `u = mu v' + g`. Throws a `RangeError` for a momentum that is not finite.
 */
export const trace = (momentum: number, nesterov = false): Optimizer<{ readonly velocity: NamedSpecs }> => {
  requireFinite("the momentum", momentum)
  return {
    init: (parameters) => ({ velocity: zerosLike(parameters) }),
    update: (gradients, state) => {
      const sums = (of: NamedExpressions) =>
        mapRecord(of, (v, path) => add(multiply(v, momentum), leafAt(gradients, path)))
      const velocity = sums(state.velocity)
      return { updates: nesterov ? sums(velocity) : velocity, state: { velocity } }
    }
  }
}

/**
 * The sign of a mean of momentum and gradient (Chen 2023, Lion): `u = sign(b1 m + (1 - b1) g)`, `m' = b2 m + (1 - b2) g`. Throws a
 * `RangeError` for a beta outside of [0, 1).
 */
export const scaleByLion = (beta1 = 0.9, beta2 = 0.99): Optimizer<{ readonly first: NamedSpecs }> => {
  requireShare("beta1", beta1)
  requireShare("beta2", beta2)
  return {
    init: (parameters) => ({ first: zerosLike(parameters) }),
    update: (gradients, { first }) => ({
      updates: mapRecord(meansOf(beta1, first, gradients), sign),
      state: { first: meansOf(beta2, first, gradients) }
    })
  }
}

/** Updates times a number or a schedule of the updates done. Throws a `RangeError` for one that is not finite. */
export const scaleBySchedule = (schedule: Schedule): Optimizer => scaledBy(checkedSchedule(schedule, "the scale"), 1)

/** The end of a chain for descent: updates times minus the learning rate. Throws a `RangeError` for a rate that is not finite. */
export const scaleByLearningRate = (rate: Schedule): Optimizer =>
  scaledBy(checkedSchedule(rate, "the learning rate"), -1)

const scaledBy = (schedule: Schedule, sign: 1 | -1): Optimizer => {
  if (typeof schedule === "number") return stateless((update) => multiply(update, sign * schedule))
  const following: Optimizer<{ readonly count: ParameterSpec }> = {
    init: () => ({ count: counter }),
    update: (gradients, { count }) => {
      const factor = multiply(sign, valueAt(schedule, count))
      return { updates: mapRecord(gradients, (g) => multiply(g, factor)), state: { count: add(count, 1) } }
    }
  }
  return following
}

/**
 * Weight decay apart from the gradient's moments (Loshchilov 2019, AdamW): `u + decay theta`; put it behind the scaling by moments.
 * Throws a `RangeError` for a decay that is not finite.
 */
export const addDecayedWeights = (decay: number): Optimizer => {
  requireFinite("the weight decay", decay)
  return stateless((update, parameter) => add(update, multiply(parameter, decay)))
}

/**
 * All gradients times one number that makes their joint Euclidean norm at most `limit` (Pascanu 2013). Throws a `RangeError` for
 * a limit that is not positive.
 */
export const clipByGlobalNorm = (limit: number): Optimizer<Record<never, never>> => {
  requirePositive("the greatest norm", limit)
  return {
    init: () => ({}),
    update: (gradients, state) => {
      const factor = minimum(1, divide(limit, maximum(globalNorm(gradients), leastNorm)))
      return { updates: mapRecord(gradients, (g) => multiply(g, factor)), state }
    }
  }
}

const leastNorm = 1e-12

/** The joint Euclidean norm of tensors by name: `[]`; 0 if there are none. */
export const globalNorm = (tensors: NamedExpressions): Tensor => {
  const squares = Object.values(tensors).map((x) => sum(square(x)))
  return squares.length === 0 ? scalar(0) : sqrt(addAll(squares))
}

/** Every number of a gradient held within `[-limit, limit]`. Throws a `RangeError` for a limit that is not positive. */
export const clip = (limit: number): Optimizer => {
  requirePositive("the greatest gradient", limit)
  return stateless((update) => clamp(update, -limit, limit))
}

/**
 * Updates that leave the columns of weight matrices `[inputs, outputs]` with a Euclidean norm of at most `greatest`; others as
 * they are. It is at the end of a chain.
 *
 *     W[.., j] <- W[.., j] greatest / max(|W[.., j]|, greatest)
 *
 * The constraint that Srebro and Shraibman 2005 propose and Hinton 2012 (Improving neural networks by preventing
 * co-adaptation of feature detectors) and Goodfellow 2013 (Maxout networks) use with dropout. Throws a `RangeError` for a norm that
 * is not positive.
 */
export const maxColumnNorm = (greatest: number): Optimizer => {
  requirePositive("the greatest norm of a column", greatest)
  return stateless((update, parameter) => {
    if (parameter.shape.length !== 2) return update
    const moved = add(parameter, update)
    const norms = sqrt(sum(square(moved), [0], true))
    return subtract(multiply(moved, divide(greatest, maximum(norms, greatest))), parameter)
  })
}

/** Updates with the sign turned: ascent instead of descent. */
export const ascend: Optimizer = stateless((update) => negate(update))
