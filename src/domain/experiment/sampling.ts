import type { GenerativeModel } from "../model/GenerativeModel.ts"
import { make, type Program } from "../program/Program.ts"
import { broadcast } from "../tensor/broadcast.ts"
import { stack } from "../tensor/movement.ts"
import { ProgramError } from "../tensor/Program.ts"
import type { NamedTensors } from "../tensor/TensorData.ts"

/** The noise stream that samples are drawn from: the same whatever is asked of them, so that programs can be compared. */
export const samplingStream = "sample"

/** A program whose every step draws `batch` images: output `images`, `[batch, channels, B, A]`. */
export const imagesProgram = (model: GenerativeModel, batch: number): Program<never, "images"> =>
  make(`${model.name} sampling`, {
    state: { generator: model.generator.parameters },
    step: ({ generator }) => ({
      outputs: { images: model.generator.generate(generator, { batch, noise: samplingStream }).images }
    })
  })

/**
 * A program that draws the images of `imagesProgram` and tells how they came about: `canvases`,
 * `[batch, T + 1, channels, B, A]`, the image after step 0..T, and `windows`, `[batch, T, 5]`, the window of step 1..T
 * as gX, gY, stride, sigma, gamma. Throws a `ProgramError` if the model does not draw step by step.
 */
export const trajectoryProgram = (model: GenerativeModel, batch: number): Program<never, "canvases" | "windows"> =>
  make(`${model.name} trajectories`, {
    state: { generator: model.generator.parameters },
    step: ({ generator }) => {
      const { trajectory, images } = model.generator.generate(generator, { batch, noise: samplingStream })
      if (trajectory === undefined) throw new ProgramError(`${model.name} does not draw step by step`)
      const canvases = trajectory.canvases.map((canvas) => broadcast(canvas, images.shape))
      return { outputs: { canvases: stack(canvases, 1), windows: stack(trajectory.windows, 1) } }
    }
  })

const own = "generator."
const averaged = "average."

/**
 * The generator that images are drawn from, `generator.*`: where a training state holds an average of G (`average.*`), the average
 * under G's names, and otherwise G as it is.
 */
export const samplingGenerator = (state: NamedTensors): NamedTensors => ({
  ...trainedGenerator(state),
  ...Object.fromEntries(
    below(state, averaged).map(([path, tensor]) => [`${own}${path.slice(averaged.length)}`, tensor] as const)
  )
})

/** The generator that a training state goes on with, `generator.*`, whether or not there is an average of it. */
export const trainedGenerator = (state: NamedTensors): NamedTensors => Object.fromEntries(below(state, own))

/**
 * A training state as a record that holds tensors of these names has it: a record of `generator.*` alone is a milestone, which holds the
 * generator that is drawn from; any other holds the state as it is.
 */
export const recordedState = (names: ReadonlyArray<string>, state: NamedTensors): NamedTensors =>
  names.every((name) => name.startsWith(own)) ? samplingGenerator(state) : state

const below = (state: NamedTensors, prefix: string) => Object.entries(state).filter(([path]) => path.startsWith(prefix))
