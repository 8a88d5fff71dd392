import type { Program } from "../../../src/domain/tensor/Program.ts"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { drawNoise, noiseSources } from "../../../src/layers/backend/validation.ts"
import { type ByParameter, type ParameterName, parameterNames, type UpdateNoise } from "./tfjsEager.ts"

/**
 * Where the peer's parameters stand in Fovea's training state. Both lay out weights `[inputs, outputs]`, with the glimpse's
 * rows above the state's, and count the window's numbers in the same order; only names differ.
 */
export const foveaPaths: ByParameter<string> = {
  "discriminator.initialHidden": "discriminator.initialHidden",
  "discriminator.rnn.input.weight": "discriminator.rnn.input.weight",
  "discriminator.rnn.input.bias": "discriminator.rnn.input.bias",
  "discriminator.rnn.hidden.weight": "discriminator.rnn.hidden.weight",
  "discriminator.rnn.hidden.bias": "discriminator.rnn.hidden.bias",
  "discriminator.window.weight": "discriminator.window.weight",
  "discriminator.window.bias": "discriminator.window.bias",
  "discriminator.logit.weight": "discriminator.output.weight",
  "discriminator.logit.bias": "discriminator.output.bias",
  "generator.initialHidden": "generator.initialHidden",
  "generator.initialCanvas": "generator.initialCanvas",
  "generator.rnn.input.weight": "generator.rnn.input.weight",
  "generator.rnn.input.bias": "generator.rnn.input.bias",
  "generator.rnn.hidden.weight": "generator.rnn.hidden.weight",
  "generator.rnn.hidden.bias": "generator.rnn.hidden.bias",
  "generator.write.weight": "generator.patch.weight",
  "generator.write.bias": "generator.patch.bias",
  "generator.window.weight": "generator.window.weight",
  "generator.window.bias": "generator.window.bias"
}

/** For each of the peer's parameters, the numbers at its path. Throws a `RangeError` naming a path that is missing. */
export const byParameter = (numbersAt: (path: string) => ArrayLike<number> | undefined): ByParameter<Float32Array> =>
  // `fromEntries` forgets the keys; they are exactly `parameterNames`.
  Object.fromEntries(
    parameterNames.map((name) => {
      const numbers = numbersAt(foveaPaths[name])
      if (numbers === undefined)
        throw new RangeError(`Fovea's state has no "${foveaPaths[name]}", the peer's "${name}"`)
      return [name, Float32Array.from(numbers)]
    })
  ) as Record<ParameterName, Float32Array>

/** The peer's parameters in a state of Fovea's training program. */
export const peerParameters = (state: NamedTensors): ByParameter<Float32Array> =>
  byParameter((path) => state[path]?.values)

/** The latents that an adversarial training program draws at a step, for the peer: `[T, batch, z]` for each player. */
export const peerNoise = (
  program: Program
): ((key: { readonly seed: number; readonly step: number }) => UpdateNoise) => {
  const sources = noiseSources(program)
  return (key) => {
    const { "discriminator/z": discriminator, "generator/z": generator } = drawNoise(sources, key)
    if (discriminator === undefined || generator === undefined) {
      throw new RangeError("the peer needs latents drawn anew for each player (sharedNoise: false)")
    }
    return { discriminator, generator }
  }
}
