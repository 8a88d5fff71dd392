import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { log } from "../tensor/elementwise.ts"
import { concatenate, reshape, take } from "../tensor/movement.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { logSumExp } from "../tensor/reduction.ts"
import { placeholder } from "../tensor/source.ts"
import { squaredDistances } from "../tensor/squaredDistances.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"

/** The sizes of a Parzen program. */
export interface ParzenSizes {
  /** n: generated samples that the window stands on. */
  readonly samples: number
  /** Images whose likelihood a step computes. */
  readonly batch: number
  /** d: numbers in an image; 784 for MNIST. */
  readonly dimension: number
  /** k: widths that a step computes the likelihood for, at the cost of one matrix product together. */
  readonly widths: number
}

/**
 * A program for the Parzen window's log-likelihood of images x under samples s_1..n (Goodfellow et al.: Generative
 * adversarial nets, NeurIPS 2014, section 5; after Breuleux, Bengio, Vincent 2011), in nats:
 *
 *     log p(x) = ln sum_i exp(-|x - s_i|^2 / 2 sigma^2) - ln n - d/2 ln(2 pi sigma^2)
 *
 * State `samples`, `[n, d]`; inputs `images`, `[batch, d]`, and `sigmas`, `[k]`, positive; output `logLikelihoods`,
 * `[k, batch]`. More is better; a density has no upper bound. Values depend on n, on d and on the scale of pixels (here
 * [0, 1]): compare equal ones. An image of another rank is reshaped to d numbers by the caller.
 *
 * Distances are those of `squaredDistances`. In float32 their error is at most `d 2^-24` times the
 * squared norms and in practice a few units of `2^-24` times them: for MNIST (norms about 100) 3e-5, which is divided
 * by `2 sigma^2`: 4e-4 nats at sigma = 0.2 and 1.5e-3 at 0.1 (on ONNX Runtime at most 5e-4 and 2e-3 were found),
 * against a published standard error of 2. Memory: some arrays of
 * `[batch, n]`, 4 MB each for 100 x 10,000.
 */
export const parzenProgram = ({
  samples: n,
  batch,
  dimension,
  widths
}: ParzenSizes): Program<"points" | "sigmas", "logLikelihoods"> => {
  const samples = placeholder("samples", [n, dimension])
  const points = placeholder("points", [batch, dimension])
  const sigmas = placeholder("sigmas", [widths])
  const squared = squaredDistances(points, samples)
  const logLikelihoods = Array.from({ length: widths }, (_, i) => {
    const sigma = take(sigmas, 0, i)
    const exponents = divide(squared, multiply(multiply(sigma, sigma), -2))
    const normaliser = add(multiply(log(sigma), dimension), Math.log(n) + (dimension / 2) * Math.log(2 * Math.PI))
    return reshape(subtract(logSumExp(exponents), normaliser), [1, batch])
  })
  return makeProgram({
    name: "Parzen window",
    state: { samples },
    inputs: { points, sigmas },
    next: { samples },
    outputs: { logLikelihoods: concatenate(logLikelihoods, 0) }
  })
}

/** The widths Goodfellow et al. chose from: ten from 0.1 to 1, evenly spaced in their logarithm. */
export const parzenWidths: ReadonlyArray<number> = Array.from({ length: 10 }, (_, i) => 10 ** (i / 9 - 1))

/** A width, and the log-likelihood it gave in nats. */
export interface ParzenWidth {
  readonly sigma: number
  readonly logLikelihood: MeanAndError
}

/**
 * The width under which validation images are most likely on average (the smallest of equally good ones), from the
 * log-likelihoods of all images for each width, in the order of `sigmas`. The test images' number is then computed
 * with it. At the first or last width the best one may lie outside of them. Throws a `RangeError` if there are no
 * widths, or not as many lists as widths.
 */
export const chooseWidth = (
  sigmas: ReadonlyArray<number>,
  logLikelihoods: ReadonlyArray<ArrayLike<number>>
): ParzenWidth => {
  if (sigmas.length === 0 || sigmas.length !== logLikelihoods.length) {
    throw new RangeError(`A width cannot be chosen from ${sigmas.length} by ${logLikelihoods.length} lists of numbers`)
  }
  return sigmas
    .map((sigma, i) => ({ sigma, logLikelihood: meanAndError(logLikelihoods[i] ?? []) }))
    .toSorted((left, right) => left.sigma - right.sigma)
    .reduce((best, width) => (width.logLikelihood.mean > best.logLikelihood.mean ? width : best))
}
