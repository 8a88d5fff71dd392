import { add, divide, multiply, square, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { sqrt, stopGradient } from "../tensor/elementwise.ts"
import { reshape, size } from "../tensor/movement.ts"
import { pmean } from "../tensor/pmean.ts"
import { mean } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { ParameterSpec } from "./parameter.ts"

/** Parameters of batch normalisation, each `[1, channels, 1, 1]`. */
export type BatchNorm<Leaf> = {
  /** gamma: the standard deviation of what comes out. */
  readonly scale: Leaf
  /** beta: its mean. */
  readonly shift: Leaf
  /** What stands for a batch's mean and variance where there is no training. Not trained. */
  readonly runningMean: Leaf
  readonly runningVariance: Leaf
}

/** What a pass in training makes of the running statistics: their next values, under their names. */
export type NextBatchStatistics = Pick<BatchNorm<Tensor>, "runningMean" | "runningVariance">

/** How much of the running statistics a pass keeps. */
const decay = 0.9

/** Added to variances, so that a channel which is the same everywhere divides nothing by 0. */
const epsilon = 1e-5

/** Batch normalisation of some channels: it begins with mean 0 and variance 1. */
export const batchNormParameters = (channels: number): BatchNorm<ParameterSpec> => {
  const everywhere = (value: number): ParameterSpec => ({
    shape: [1, channels, 1, 1],
    initialiser: { kind: "constant", value }
  })
  return {
    scale: everywhere(1),
    shift: everywhere(0),
    runningMean: { ...everywhere(0), trained: false },
    runningVariance: { ...everywhere(1), trained: false }
  }
}

/**
 * Batch normalisation (S. Ioffe and C. Szegedy 2015, algorithm 2) where there is no training: by the running statistics,
 * each example by itself. `[n, channels, rows, columns]` to the same shape:
 *
 *     y = gamma (x - running mean) / sqrt(running variance + epsilon) + beta
 */
export const batchNormEval = ({ scale, shift, runningMean, runningVariance }: BatchNorm<Tensor>, x: Tensor): Tensor => {
  const factor = divide(scale, sqrt(add(runningVariance, epsilon)))
  return add(multiply(x, factor), subtract(shift, multiply(runningMean, factor)))
}

/**
 * Batch normalisation in training (algorithm 1): by each channel's own mean and variance over a batch's examples, rows
 * and columns,
 *
 *     y = gamma (x - E[x]) / sqrt(Var[x] + epsilon) + beta
 *
 * and the next running statistics, `0.9 running + 0.1 batch's`. The variance is that of the batch (divided by its number, in
 * both places). `x`, `[n, channels, rows, columns]`, may be several `batches` of equal size one behind the other: each
 * is normalised by itself, and the running statistics move towards the mean of their means and of their variances.
 *
 * On K shards the statistics are those of the whole batch: what is computed does not depend on K. A shard publishes its own
 * mean m and variance v, once, and all have
 *
 *     E[x] = mean of m    Var[x] = mean of v + mean of (m - r)^2 - (mean of (m - r))^2
 *
 * for any r; with the running mean for it, little is lost where the two last terms cancel, and on one shard nothing.
 *
 * What stays of x from stage to stage is `x - a`, for the number `a = m`, and m and v are written by it, `a + E[x - a]` and
 * `E[(x - a)^2] - E[x - a]^2`. These hold for any a, so a needs no derivative, and that of the rest adds one number a channel to each
 * cotangent where that of `x - m` would be a sum over what is to be summed again: two passes over x fewer.
 */
export const batchNormTrain = (
  { scale, shift, runningMean, runningVariance }: BatchNorm<Tensor>,
  x: Tensor,
  batches: number
): { readonly normalised: Tensor; readonly next: NextBatchStatistics } => {
  const [count = 1, channels = 1, rows = 1, columns = 1] = x.shape
  const inBatches = reshape(x, [batches, count / batches, channels, rows * columns])
  const perBatch = (statistic: Tensor): Tensor => reshape(statistic, [1, 1, channels, 1])

  const about = stopGradient(meanPerChannel(inBatches))
  const centred = subtract(inBatches, about)
  // Zero but for rounding, and what the derivatives of the mean go by.
  const left = meanPerChannel(centred)
  const ownMean = add(about, left)
  const ownVariance = subtract(meanPerChannel(square(centred)), square(left))
  const apart = subtract(ownMean, perBatch(runningMean))
  const whole = pmean(ownMean)
  const between = subtract(pmean(square(apart)), square(pmean(apart)))
  const variance = add(pmean(ownVariance), between)

  const factor = divide(perBatch(scale), sqrt(add(variance, epsilon)))
  // x - E[x] = (x - a) + (a - E[x]): the second part is one number a channel.
  const offset = add(multiply(subtract(about, whole), factor), perBatch(shift))
  const moved = (running: Tensor, found: Tensor): Tensor =>
    add(multiply(running, decay), multiply(reshape(mean(found, [0]), running.shape), 1 - decay))
  return {
    normalised: reshape(add(multiply(centred, factor), offset), x.shape),
    next: { runningMean: moved(runningMean, whole), runningVariance: moved(runningVariance, variance) }
  }
}

/**
 * `[batches, n, channels, pixels]` to the means `[batches, 1, channels, 1]`. Over the pixels first: engines are quick at
 * sums over the last axis.
 */
const meanPerChannel = (x: Tensor): Tensor => multiply(sum(sum(x, [3], true), [1], true), 1 / (size(x, 1) * size(x, 3)))
