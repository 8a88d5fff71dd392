import { multiply, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { greater, not } from "../tensor/comparison.ts"
import { logSumExp, max, mean } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The mean over a batch of the cross-entropy between labels `[batch, classes]`, rows of probabilities (one-hot where the
 * class is known), and the softmax of logits `[batch, classes]`, in nats:
 *
 *     E[-sum_c y_c log softmax(l)_c] = E[sum_c y_c (log sum_j e^(l_j) - l_c)]
 *
 * Never overflows; its gradient is `(softmax(l) - y) / batch`.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  mean(sum(multiply(labels, subtract(logSumExp(logits), logits)), [-1]))

/**
 * The share of a batch whose greatest logit is that of its class: logits and one-hot labels, both `[batch, classes]`.
 * Where several logits are the greatest, the class counts if it is one of them.
 */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => {
  const isGreatest = not(greater(max(logits, [-1], true), logits))
  return mean(sum(multiply(labels, isGreatest), [-1]))
}
