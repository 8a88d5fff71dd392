// A module of a user's own, as `fovea train ./mine.ts` takes it.
import * as Console from "effect/Console"
import { Data, Datasets, Optim, Program, Training } from "fovea"
import { add, broadcast, mean, sigmoid, square, subtract } from "fovea/tensor"

const image = Program.learner({ mean: { shape: [8, 8], initialiser: { kind: "constant", value: 0 } } }, Optim.sgd(0.5))

const program = Program.make("mean image", {
  state: { image },
  inputs: { images: [10, 1, 8, 8] },
  step: ({ image }, { images }) => {
    const { next, loss } = Program.descend(image, (p) => mean(square(subtract(sigmoid(p.mean), images))))
    return { next: { image: next }, outputs: { loss } }
  }
})

const sampler = Program.sampler(
  "noisy mean image",
  { image: Program.onlyParameters(image) },
  ({ image }, batch, key) => {
    const shape = [batch, 1, 8, 8]
    return { images: sigmoid(add(broadcast(image.parameters.mean, shape), key("noise").normal(shape))) }
  }
)

export default Training.recipe({
  program,
  data: Data.imagesFrom(Datasets.synthetic({ count: 60, height: 8, width: 8, channels: 1, seed: 1 })),
  updates: 4,
  seed: 3,
  sampler,
  show: ({ tensors }) => Console.log(`shown: ${Object.keys(tensors).join(", ")}`)
})
