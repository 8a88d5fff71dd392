// A module of a user's own whose sampler asks for a class and a shift.
import { Data, Optim, Program, Training } from "fovea"
import { add, broadcast, mean, reshape, sigmoid, square, subtract, sum } from "fovea/tensor"

const image = Program.learner({ mean: { shape: [8, 8], initialiser: { kind: "constant", value: 0 } } }, Optim.sgd(0.5))

const program = Program.make("lighter image", {
  state: { image },
  inputs: { images: [10, 1, 8, 8] },
  step: ({ image }, { images }) => {
    const { next, loss } = Program.descend(image, (p) => mean(square(subtract(sigmoid(p.mean), images))))
    return { next: { image: next }, outputs: { loss } }
  }
})

const sampler = (batch: number) =>
  Program.make("lighter image", {
    state: { image: Program.onlyParameters(image) },
    inputs: { class: [batch, 3], shift: [batch] },
    step: ({ image }, inputs) => {
      // One class: the shift alone makes an image lighter.
      const lighter = add(sum(inputs.class, [1]), subtract(inputs.shift, 1))
      const pixels = broadcast(image.parameters.mean, [batch, 1, 8, 8])
      return { outputs: { images: sigmoid(add(pixels, reshape(lighter, [batch, 1, 1, 1]))) } }
    }
  })

const images = Data.examples({ images: Data.floats([1, 8, 8], new Float32Array(20 * 64).fill(0.5)) })

export default Training.recipe({ program, data: Data.shuffled(images), updates: 2, seed: 3, sampler })
