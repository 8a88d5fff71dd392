import {
  AttentionGanSettings,
  attentionGan,
  discriminatorLoss,
  generateImages,
  generatorLoss,
  gradientPenalty,
  Optim,
  Program
} from "../../browser.ts"
import { standardNormal } from "../../domain/random/noise.ts"
import { add, broadcast, concatenate, constant, multiply, sliceAxis, stack, tensorData } from "../../tensor.ts"
import { filters, glimpses } from "./drawing.ts"
import type { LessonSettings } from "./messages.ts"

export const batch = 50

const format = { channels: 1, height: 14, width: 14 }
const latentSize = 16

/** Digits that are shown, always of the same random numbers, so that one sees them become. */
const shown = 12
const shownLatents = tensorData(
  [glimpses, shown, latentSize],
  standardNormal({ seed: 3, stream: "lesson/shown", step: 0 }, glimpses * shown * latentSize)
)

const settingsOf = (canvasStart: LessonSettings["start"]) =>
  new AttentionGanSettings({
    kind: "attention-gan",
    filters,
    glimpses,
    units: 64,
    latentSize,
    cell: "gated",
    activation: { generator: "tanh", discriminator: "tanh" },
    canvas: "sigmoid",
    canvasStart,
    windowScale: 0.1,
    initialHiddenDeviation: 0.1
  })

/** A small attention GAN on digits of 14 by 14 pixels: besides the losses a step gives the drawing of twelve digits. */
export const digitsGan = ({ rateOfD, rateOfG, start }: LessonSettings) => {
  const settings = settingsOf(start)
  const model = attentionGan(settings, format)
  const G = Program.learner(model.generator.parameters, Optim.adam(rateOfG, { beta1: 0.5 }))
  const D = Program.learner(model.discriminator.parameters, Optim.adam(rateOfD, { beta1: 0.5 }))
  const average = Program.ema(G.specs.parameters, 0.99)
  return Program.make("digits GAN", {
    state: { G, D, average },
    inputs: { images: [batch, 1, format.height, format.width] },
    step: ({ G, D, average }, { images }, key) => {
      const fake = (p: typeof G.parameters) =>
        generateImages(p, settings, format, key("z").normal([glimpses, batch, latentSize])).images
      const drawn = fake(G.parameters)
      const d = Program.descend(D, (p) => {
        const logits = model.discriminator.logits(p, concatenate([images, drawn], 0), { noise: "none" })
        const real = sliceAxis(logits, 0, 0, batch)
        const loss = discriminatorLoss(real, sliceAxis(logits, 0, batch, batch))
        return add(loss, multiply(gradientPenalty(real, images), 1))
      })
      const g = Program.descend(G, (p) =>
        generatorLoss(model.discriminator.logits(d.next.parameters, fake(p), { noise: "none" }))
      )
      const { trajectory, images: finished } = generateImages(
        average.parameters,
        settings,
        format,
        constant(shownLatents)
      )
      if (trajectory === undefined) throw new Error("internal: the generator draws in steps")
      return {
        next: { G: g.next, D: d.next, average: Program.follow(average, g.next.parameters) },
        outputs: {
          lossOfD: d.loss,
          lossOfG: g.loss,
          canvases: stack(
            trajectory.canvases.map((canvas) => broadcast(canvas, finished.shape)),
            1
          ),
          windows: stack(trajectory.windows, 1)
        }
      }
    }
  })
}
