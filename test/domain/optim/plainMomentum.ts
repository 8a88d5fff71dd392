import type { MomentumSettings } from "../../../src/domain/optim/OptimizerSettings.ts"

/** Parameters and their velocities, as plain numbers. */
export interface PlainMomentum {
  readonly theta: ReadonlyArray<number>
  readonly velocity: ReadonlyArray<number>
}

/** The step size and the momentum of update number `t` (from 1), reached by so many single steps. */
export const plainSchedules = (settings: MomentumSettings, t: number): readonly [alpha: number, mu: number] => {
  let alpha = settings.learningRate
  let mu = settings.initialMomentum
  for (let update = 1; update < t; update++) {
    alpha /= settings.decayFactor
    if (update <= settings.rampUpdates) mu += (settings.finalMomentum - settings.initialMomentum) / settings.rampUpdates
  }
  return [Math.max(alpha, settings.leastLearningRate), mu]
}

/**
 * Update number `t` of momentum on plain numbers: `v := mu v - alpha g; theta := theta + v`, and then, if the settings say
 * so, each column of a matrix with `columns` columns scaled back to the greatest norm.
 */
export const plainMomentum = (
  settings: MomentumSettings,
  { theta, velocity }: PlainMomentum,
  gradient: ArrayLike<number>,
  t: number,
  columns?: number
): PlainMomentum => {
  const [alpha, mu] = plainSchedules(settings, t)
  const moving = velocity.map((v, i) => mu * v - alpha * (gradient[i] ?? Number.NaN))
  const moved = theta.map((value, i) => value + (moving[i] ?? Number.NaN))
  const greatest = settings.maxColumnNorm
  if (greatest === undefined || columns === undefined) return { theta: moved, velocity: moving }
  for (let column = 0; column < columns; column++) {
    const own = moved.flatMap((_, i) => (i % columns === column ? [i] : []))
    const norm = Math.hypot(...own.map((i) => moved[i] ?? Number.NaN))
    if (norm > greatest) for (const i of own) moved[i] = ((moved[i] ?? Number.NaN) * greatest) / norm
  }
  return { theta: moved, velocity: moving }
}
