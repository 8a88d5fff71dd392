// The paper's model, its cell gated, by another objective: least squares (X. Mao et al. 2017) in place of cross-entropies.
import { adversarialPreset, Data, Datasets, Optim, Program, gradientPenalty as r1, Sampling, Training } from "fovea"
import { addAll, mean, multiply, size, square, subtract, type Tensor, type Tree } from "fovea/tensor"

const format = { channels: 1, height: 28, width: 28 }
const { generator, discriminator } = adversarialPreset("modern", format, { units: 128, glimpses: 4, latentSize: 32 })
const adam = Optim.adam(Optim.cosine(1e-3, 6000), { beta1: 0.5 })
const [G, D] = [Program.learner(generator.parameters, adam), Program.learner(discriminator.parameters, adam)]
const generate = (p: Tree<Tensor>, batch: number) => generator.generate(p, { batch, noise: "z" }).images
const judge = (p: Tree<Tensor>, images: Tensor) => discriminator.logits(p, images, { noise: "D" })
const distance = (outputs: Tensor, target: number) => mean(square(subtract(outputs, target)))

const program = Program.make("least-squares", {
  state: { G, D },
  inputs: { images: [32, 1, 28, 28] },
  step: ({ G, D }, { images }) => {
    const [real, fake] = [judge(D.parameters, images), judge(D.parameters, generate(G.parameters, size(images, 0)))]
    const d = Program.descend(D, () => addAll([distance(real, 1), distance(fake, 0), multiply(10, r1(real, images))]))
    const g = Program.descend(G, (p) => distance(judge(d.next.parameters, generate(p, size(images, 0))), 1))
    return { next: { G: g.next, D: d.next }, outputs: { lossOfD: d.loss, lossOfG: g.loss } }
  }
})

const sampler = Program.sampler("least-squares samples", { G }, ({ G }, n) => ({ images: generate(G.parameters, n) }))
const data = Data.imagesFrom(Datasets.mnist)
export default Training.recipe({ program, data, updates: 6000, seed: 1, sampler, show: Sampling.showGrid(sampler) })
