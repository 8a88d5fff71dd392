import type { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"

/** A parameter and its moments, as plain numbers. */
export interface PlainAdam {
  readonly theta: ReadonlyArray<number>
  readonly first: ReadonlyArray<number>
  readonly second: ReadonlyArray<number>
}

/** Update number `t` (from 1) of Kingma 2015, algorithm 1, line by line, on plain numbers. */
export const plainAdam = (
  { learningRate: alpha, beta1, beta2, epsilon }: AdamSettings,
  { theta, first, second }: PlainAdam,
  gradient: ArrayLike<number>,
  t: number
): PlainAdam => {
  const g = (i: number): number => gradient[i] ?? Number.NaN
  const m = first.map((value, i) => beta1 * value + (1 - beta1) * g(i))
  const v = second.map((value, i) => beta2 * value + (1 - beta2) * g(i) ** 2)
  const moved = theta.map((value, i) => {
    const mHat = (m[i] ?? Number.NaN) / (1 - beta1 ** t)
    const vHat = (v[i] ?? Number.NaN) / (1 - beta2 ** t)
    return value - (alpha * mHat) / (Math.sqrt(vHat) + epsilon)
  })
  return { theta: moved, first: m, second: v }
}
