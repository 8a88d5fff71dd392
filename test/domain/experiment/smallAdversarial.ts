import type { AdversarialOptions } from "../../../src/domain/experiment/adversarialTraining.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import type { Program } from "../../../src/domain/tensor/Program.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"
import { numbersFor, placeholdersOf, smallSettings } from "../model/smallModels.ts"

export const settings = smallSettings()
export const format = { channels: 1, height: 4, width: 5 }
export const batch = 2
// The players' optimisers differ, and D takes large steps: what G sees of an updated D is far from the D before.
export const options = {
  batchSize: batch,
  generatorOptimizer: new AdamSettings({ learningRate: 0.02, beta1: 0.6, beta2: 0.9, epsilon: 1e-3 }),
  discriminatorOptimizer: new AdamSettings({ learningRate: 0.3, beta1: 0.4, beta2: 0.8, epsilon: 1e-2 }),
  sharedNoise: false
} satisfies AdversarialOptions

export const { model, generator, discriminator, generatorByPath, discriminatorByPath } = placeholdersOf(
  settings,
  format
)
export const imagesShape = [batch, format.channels, format.height, format.width]
export const images = placeholder("images", imagesShape)

/** The state of a run that has done three updates, and a batch of images: random, with moments that Adam can have. */
export const stateFor = (seed: number, program: Program): Record<string, Float64Array> => ({
  ...Object.fromEntries(
    Object.entries(program.state).map(([path, { shape }]) => [
      path,
      path.endsWith(".updates")
        ? Float64Array.of(3)
        : normals(seed, path, shape, 0.1).map((n) => (path.includes(".second.") ? Math.abs(n) : n))
    ])
  ),
  ...numbersFor(seed, { ...generatorByPath, ...discriminatorByPath }),
  images: normals(seed, "images", imagesShape)
})

/** One step of a program: the next state and the outputs, by name. */
export const step = (
  program: Program,
  numbers: Readonly<Record<string, Float64Array>>,
  noise?: { readonly seed: number; readonly step: number }
): Readonly<Record<string, Float64Array>> => {
  const roots = { ...program.next, ...program.outputs }
  const values = evaluateNamed(Object.values(roots), numbers, noise)
  return Object.fromEntries(Object.keys(roots).map((name, i) => [name, values[i] ?? new Float64Array(0)]))
}

export const fakesOf = (noise: string): Tensor => model.generator.generate(generator, { batch, noise }).images
export const judge = (fakes: Tensor): Tensor => model.discriminator.logits(discriminator, fakes, { noise: "any" })
