import type { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import type { NamedNumbers } from "../../support/evaluateNamed.ts"
import { numericGradient } from "../../support/gradientCheck.ts"
import { plainAdam } from "../optim/plainAdam.ts"

/**
 * The fourth update of a player by Adam on plain numbers, of every parameter by path, with gradients by finite differences of
 * `loss`: the new parameters and moments, by path.
 */
export const plainUpdate = (
  player: "generator" | "discriminator",
  settings: AdamSettings,
  loss: Tensor,
  numbers: NamedNumbers,
  parameters: Readonly<Record<string, Tensor>>
): Readonly<Record<string, Float64Array>> =>
  Object.fromEntries(
    Object.keys(parameters).flatMap((path) => {
      const name = path.slice(player.length + 1)
      const [first, second] = [`optimizer.${player}.first.${name}`, `optimizer.${player}.second.${name}`]
      const at = (key: string) => Array.from(numbers[key] ?? [])
      const before = { theta: at(path), first: at(first), second: at(second) }
      const after = plainAdam(settings, before, numericGradient(loss, numbers, path), 4)
      return [
        [path, Float64Array.from(after.theta)],
        [first, Float64Array.from(after.first)],
        [second, Float64Array.from(after.second)]
      ] as const
    })
  )
