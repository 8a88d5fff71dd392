import type { ParameterSpec } from "../nn/parameter.ts"
import { add, multiply, subtract } from "../tensor/arithmetic.ts"
import { mapRecord } from "../tensor/Tree.ts"
import { chain, counter, leafAt, type NamedSpecs, type Optimizer, zerosLike } from "./Optimizer.ts"
import { checkedSchedule, type Schedule, valueAt } from "./schedule.ts"
import {
  type AdamOptions,
  addDecayedWeights,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  trace
} from "./transforms.ts"

/** Gradient descent: `theta' = theta - alpha g`. */
export const sgd = (rate: Schedule): Optimizer => scaleByLearningRate(rate)

/**
 * Adam (Kingma 2015): `scaleByAdam`, times the learning rate.
 *
 * @example
 * ```ts
 * import { linearParameters, Optim, Program } from "fovea"
 *
 * const G = Program.learner(linearParameters(2, 1), Optim.adam(2e-4, { beta1: 0.5 }))
 * console.log(Object.keys(G.specs)) // [ 'parameters', 'optimizer' ]
 * ```
 */
export const adam = (rate: Schedule, options: AdamOptions = {}): Optimizer =>
  chain(scaleByAdam(options), scaleByLearningRate(rate))

/**
 * Adam with decoupled weight decay (Loshchilov 2019): `theta' = theta - alpha (u + decay theta)`.
 *
 * @example
 * ```ts
 * import { linearParameters, Optim, Program } from "fovea"
 *
 * const G = Program.learner(linearParameters(2, 1), Optim.adamw(Optim.cosine(1e-3, 1000), 1e-2))
 * console.log(Object.keys(G.specs)) // [ 'parameters', 'optimizer' ]
 * ```
 */
export const adamw = (rate: Schedule, decay = 1e-4, options: AdamOptions = {}): Optimizer =>
  chain(scaleByAdam(options), addDecayedWeights(decay), scaleByLearningRate(rate))

/** RMSProp (Tieleman 2012): `scaleByRms`, times the learning rate. */
export const rmsprop = (rate: Schedule, decay = 0.9, epsilon = 1e-8, epsilonRoot = 0): Optimizer =>
  chain(scaleByRms(decay, epsilon, epsilonRoot), scaleByLearningRate(rate))

/** Lion (Chen 2023) with decoupled weight decay. */
export const lion = (rate: Schedule, decay = 0, beta1 = 0.9, beta2 = 0.99): Optimizer =>
  chain(scaleByLion(beta1, beta2), addDecayedWeights(decay), scaleByLearningRate(rate))

/** Descent along Nesterov's momentum (Sutskever 2013). */
export const nesterov = (rate: Schedule, mu = 0.9): Optimizer => chain(trace(mu, true), scaleByLearningRate(rate))

/** The state of `momentum`: the number of updates done, `[]`, and the velocities by the parameters' paths. */
export type MomentumState = { readonly updates: ParameterSpec; readonly velocity: NamedSpecs }

/**
 * Gradient descent with momentum (Polyak 1964; as in section 9 of Hinton 2010, A practical guide to training restricted
 * Boltzmann machines, and in pylearn2), whose momentum may follow a schedule too:
 *
 *     v' = mu v - alpha g    theta' = theta + v'
 */
export const momentum = (rate: Schedule, mu: Schedule = 0.9): Optimizer => {
  const alphaOf = checkedSchedule(rate, "the learning rate")
  const muOf = checkedSchedule(mu, "the momentum")
  const rule: Optimizer<MomentumState> = {
    init: (parameters) => ({ updates: counter, velocity: zerosLike(parameters) }),
    update: (gradients, { updates, velocity }) => {
      const [alpha, kept] = [valueAt(alphaOf, updates), valueAt(muOf, updates)]
      const next = mapRecord(velocity, (v, path) =>
        subtract(multiply(kept, v), multiply(alpha, leafAt(gradients, path)))
      )
      return { updates: next, state: { updates: add(updates, 1), velocity: next } }
    }
  }
  return rule
}
