import {
  discriminatorLoss,
  generatorLoss,
  identity,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program
} from "../../browser.ts"
import { constant, sigmoid, size, type Tensor, tensorData } from "../../tensor.ts"
import { extent, fieldSize } from "./drawing.ts"

export const batch = 128
const latents = 8
const units = 96

/** The means of this many Gaussians on a circle. */
export const centresOf = (modes: number): ReadonlyArray<readonly [number, number]> =>
  Array.from({ length: modes }, (_, k) => [Math.cos((2 * k * Math.PI) / modes), Math.sin((2 * k * Math.PI) / modes)])

/** Standard deviation of each. */
export const deviation = 0.06

/** Where the field is looked at: `[fieldSize^2, 2]`, rows from above. */
const places = tensorData(
  [fieldSize * fieldSize, 2],
  Float32Array.from({ length: fieldSize * fieldSize * 2 }, (_, i) => {
    const cell = Math.floor(i / 2)
    const along = i % 2 === 0 ? cell % fieldSize : fieldSize - 1 - Math.floor(cell / fieldSize)
    return ((along + 0.5) / fieldSize) * 2 * extent - extent
  })
)

const network = (p: Mlp<Tensor>, x: Tensor): Tensor => mlp(p, "relu", x, identity)

/** The GAN in the plane: besides the losses a step gives the points that were drawn, and D's field. */
export const planeGan = (rates: { readonly rateOfD: number; readonly rateOfG: number }) => {
  const G = Program.learner(mlpParameters(latents, [units, units, 2]), Optim.adam(rates.rateOfG, { beta1: 0.5 }))
  const D = Program.learner(mlpParameters(2, [units, units, 1]), Optim.adam(rates.rateOfD, { beta1: 0.5 }))
  return Program.make("plane GAN", {
    state: { G, D },
    inputs: { points: [batch, 2] },
    step: ({ G, D }, { points }, key) => {
      const fake = (p: Mlp<Tensor>) => network(p, key("z").normal([size(points, 0), latents]))
      const drawn = fake(G.parameters)
      const d = Program.descend(D, (p) => discriminatorLoss(network(p, points), network(p, drawn)))
      const g = Program.descend(G, (p) => generatorLoss(network(d.next.parameters, fake(p))))
      return {
        next: { G: g.next, D: d.next },
        outputs: {
          lossOfD: d.loss,
          lossOfG: g.loss,
          drawn,
          field: sigmoid(network(D.parameters, constant(places)))
        }
      }
    }
  })
}
