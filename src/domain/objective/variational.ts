import { add, multiply, square, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { exp, softplus } from "../tensor/elementwise.ts"
import { type NoiseStream, normalNoise } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The log-likelihood in nats of numbers `x` in [0, 1] under independent Bernoulli variables with these logits (both
 * `[n, ..]`, the result `[n]`), `p = sigmoid(l)`:
 *
 *     log p(x) = sum_i x_i log p_i + (1 - x_i) log(1 - p_i) = sum_i x_i l_i - softplus(l_i)
 *
 * (D. Kingma and M. Welling 2014, Auto-encoding variational Bayes, appendix C.1.) Finite for every finite logit. For `x`
 * strictly between 0 and 1 it is the mean over black and white images drawn by `x`.
 */
export const bernoulliLogLikelihood = (logits: Tensor, x: Tensor): Tensor =>
  sum(subtract(multiply(x, logits), softplus(logits)), axesOfOne(logits))

/**
 * The Kullback-Leibler divergence in nats of independent normals from N(0, 1), mean and logarithm of the variance both
 * `[n, ..]`, the result `[n]` (Kingma 2014, appendix B):
 *
 *     KL(N(mu, sigma^2) || N(0, 1)) = 1/2 sum_j mu_j^2 + sigma_j^2 - 1 - log sigma_j^2
 */
export const gaussianKl = (mean: Tensor, logVariance: Tensor): Tensor =>
  multiply(sum(subtract(add(square(mean), exp(logVariance)), add(logVariance, 1)), axesOfOne(mean)), 0.5)

/**
 * A draw from independent normals of this mean and logarithm of the variance, all of one shape, in a form that can be differentiated by both
 * (Kingma 2014, section 2.4): `z = mu + sigma epsilon`, `epsilon ~ N(0, 1)` from that key, or the stream of that name.
 */
export const reparameterize = (mean: Tensor, logVariance: Tensor, stream: NoiseStream): Tensor =>
  add(mean, multiply(exp(multiply(logVariance, 0.5)), normalNoise(stream, mean.shape)))

/** All axes but the first. */
const axesOfOne = ({ shape }: Tensor): ReadonlyArray<number> => shape.slice(1).map((_, axis) => axis + 1)
